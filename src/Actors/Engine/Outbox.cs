namespace PcieFabric.Engine;

/// <summary>
/// What one partition has for another until the window ends. Two bags: the sender fills one while the receiver empties the other, and
/// they are exchanged between windows, so neither waits.
/// </summary>
internal sealed class Outbox
{
    private Bag _filling = new();
    private Bag _emptying = new();

    private struct Letter
    {
        public Channel Channel;
        public Message Message;
    }

    private sealed class Bag
    {
        public Letter[] Letters = new Letter[16];
        public int Count;
        public long EarliestPs = long.MaxValue;
    }

    /// <summary>The earliest delivery that waits for the receiver, <see cref="long.MaxValue"/> when there is none.</summary>
    public long EarliestPs => _emptying.EarliestPs;

    /// <summary>On the sender's thread.</summary>
    public void Add(Channel channel, in Message message, long deliverAtPs)
    {
        var bag = _filling;
        if (bag.Count == bag.Letters.Length) Array.Resize(ref bag.Letters, bag.Count * 2);
        ref var letter = ref bag.Letters[bag.Count++];
        letter.Channel = channel;
        letter.Message = message;
        letter.Message.DeliveredAtPs = deliverAtPs;
        bag.EarliestPs = Math.Min(bag.EarliestPs, deliverAtPs);
    }

    /// <summary>Between windows.</summary>
    public void Exchange()
    {
        if (_filling.Count == 0) return;
        if (_emptying.Count > 0) throw new InvalidOperationException("Invariant: a partition left letters of the last window unread");
        (_filling, _emptying) = (_emptying, _filling);
    }

    /// <summary>On the receiver's thread.</summary>
    public void Empty()
    {
        var bag = _emptying;
        for (var i = 0; i < bag.Count; i++)
        {
            ref var letter = ref bag.Letters[i];
            letter.Channel.Enqueue(in letter.Message, letter.Message.DeliveredAtPs);
        }
        bag.Count = 0;
        bag.EarliestPs = long.MaxValue;
    }
}
