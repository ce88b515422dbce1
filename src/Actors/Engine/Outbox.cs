namespace PcieFabric.Engine;

/// <summary>
/// What one partition has for another: a ring that the sender fills and the receiver empties, each on its own thread, neither waiting for the other.
/// Letters can be read from <see cref="Send"/> on.
/// </summary>
internal sealed class Outbox
{
    private const int FirstLetters = 64;

    private readonly Partition _sender;
    private readonly Sending _sending = new();
    private Ring _reading;
    private int _read;

    public Outbox(Partition sender) => (_sender, _reading) = (sender, _sending.Ring);

    /// <summary>A number in place of the channel: references between generations are accounted for when they are stored, at a place that both threads would write.</summary>
    private struct Letter
    {
        public int ChannelId;
        public Message Message;
    }

    /// <summary>What the sender alone touches: an object of its own, as the receiver writes beside the rest.</summary>
    private sealed class Sending
    {
        public Ring Ring = new(FirstLetters);
        public int Added;
        public int Sent;
        public int KnownRead;
    }

    /// <summary>One that is full is left to the receiver to empty, and a larger one follows.</summary>
    private sealed class Ring(int letters)
    {
        public readonly Letter[] Letters = new Letter[letters];
        public OwnCacheLine Sent;
        public OwnCacheLine Read;
        public Ring? Larger;
    }

    /// <summary>Of all channels that lead this way, the shortest.</summary>
    public long LookAheadPs { get; private set; } = long.MaxValue;

    /// <summary>One more channel leads this way.</summary>
    public void Carry(long lookAheadPs) => LookAheadPs = Math.Min(LookAheadPs, lookAheadPs);

    /// <summary>What the receiver cannot read yet will be delivered at this time or later.</summary>
    public long NextArrivalPs
    {
        get
        {
            var nowPs = _sender.ClockPs;
            return nowPs > long.MaxValue - LookAheadPs ? long.MaxValue : nowPs + LookAheadPs;
        }
    }

    /// <summary>On the sender's thread.</summary>
    public void Add(int channelId, in Message message, long deliverAtPs)
    {
        ref var letter = ref Place(channelId);
        letter = message;
        letter.DeliveredAtPs = deliverAtPs;
    }

    /// <inheritdoc cref="Add(int, in Message, long)"/>
    public void Add(int channelId, in Tlp tlp, uint detail, long deliverAtPs)
    {
        ref var letter = ref Place(channelId);
        letter.Put(in tlp, detail);
        letter.DeliveredAtPs = deliverAtPs;
    }

    private ref Message Place(int channelId)
    {
        var sending = _sending;
        var ring = sending.Ring;
        if (sending.Added - sending.KnownRead == ring.Letters.Length)
        {
            sending.KnownRead = (int)ring.Read.Value;
            if (sending.Added - sending.KnownRead == ring.Letters.Length) ring = Grow();
        }
        ref var letter = ref ring.Letters[sending.Added++ & (ring.Letters.Length - 1)];
        letter.ChannelId = channelId;
        return ref letter.Message;
    }

    /// <summary>On the sender's thread: what was added can be read.</summary>
    public void Send()
    {
        var sending = _sending;
        if (sending.Sent == sending.Added) return;
        sending.Sent = sending.Added;
        sending.Ring.Sent.Value = sending.Sent;
    }

    /// <summary>On the receiver's thread: brings what was sent into its channels.</summary>
    /// <param name="channels">All, by number.</param>
    public void Empty(Channel?[] channels)
    {
        while (true)
        {
            var ring = _reading;
            // Nothing is sent in a ring after a larger one was seen.
            var larger = Volatile.Read(ref ring.Larger);
            var sent = (int)ring.Sent.Value;
            if (sent != _read)
            {
                var mask = ring.Letters.Length - 1;
                for (; _read != sent; _read++)
                {
                    ref var letter = ref ring.Letters[_read & mask];
                    channels[letter.ChannelId]!.Enqueue(in letter.Message, letter.Message.DeliveredAtPs);
                }
                ring.Read.Value = _read;
            }
            if (larger is null) return;
            (_reading, _read) = (larger, 0);
        }
    }

    private Ring Grow()
    {
        Send();
        var full = _sending.Ring;
        if (full.Letters.Length >= EngineLimits.MaxLettersPerOutbox)
            throw new InvalidOperationException($"Invariant: partition {_sender.Index} has sent {full.Letters.Length} messages that nobody took; a turn should have ended before");
        var larger = new Ring(2 * full.Letters.Length);
        Volatile.Write(ref full.Larger, larger);
        (_sending.Ring, _sending.Added, _sending.Sent, _sending.KnownRead) = (larger, 0, 0, 0);
        return larger;
    }
}
