using System.Buffers.Binary;
using PcieFabric.Addressing;
using PcieFabric.Engine;
using PcieFabric.Journals;

namespace PcieFabric.Actors.Tests.Engine;

/// <summary>Sends on what it gets to whom chance picks, with payloads and alarms, until what it carries is used up; digests all that it sees.</summary>
internal sealed class Toy(int maxDelayPs) : Actor
{
    private readonly List<(ActorRef To, long LookAheadPs)> _ways = [];
    private Digest _seen = new(1);

    public ulong Seen => _seen.Value;

    /// <summary>When each message came, and on which inlet.</summary>
    public List<(long AtPs, int Inlet, ulong What)> Log { get; } = [];

    /// <summary>Called before each message is handled.</summary>
    public Action<Toy, Message>? Before { get; set; }

    public IActorContext Here => Context;

    public void Connect(ActorRef to, long lookAheadPs) => _ways.Add((to, lookAheadPs));

    public void Send(int way, long delayPs, ulong what) => _ways[way].To.Tell(Message.Of(MessageKind.Timer, new PcieFabric.Engine.Timer(0, what)), Context.NowPs + delayPs);

    public override void Receive(ref readonly Message message)
    {
        Before?.Invoke(this, message);
        message.AddTo(ref _seen);
        if (message.Kind == MessageKind.Tlp)
        {
            var left = BinaryPrimitives.ReadInt32LittleEndian(message.Tlp.Payload);
            message.Tlp.Release(Context.Payloads);
            PassOn(left - 1);
            return;
        }
        var timer = message.Read<PcieFabric.Engine.Timer>();
        Log.Add((message.DeliveredAtPs, message.Inlet, timer.Argument));
        if (timer.Id > 0) PassOn(timer.Id - 1);
    }

    /// <summary>Now and then two go on for one, now and then none, some as alarms to itself.</summary>
    private void PassOn(int left)
    {
        if (left <= 0) return;
        for (var copies = Context.Random.Next(8) switch { 0 => 2, 1 => 0, _ => 1 }; copies > 0; copies--)
        {
            var delay = 1 + Context.Random.Next(maxDelayPs);
            if (_ways.Count == 0 || Context.Random.Next(4) == 0)
            {
                Context.Schedule(delay, new PcieFabric.Engine.Timer(left, Context.Random.NextUInt64()));
                continue;
            }
            var data = new byte[4 + 4 * Context.Random.Next(40)];
            BinaryPrimitives.WriteInt32LittleEndian(data, left);
            Context.Random.Fill(data.AsSpan(4));
            var (to, lookAhead) = _ways[Context.Random.Next(_ways.Count)];
            var tlp = Tlp.MemoryWrite(new Bdf(1, 0, 0), 4096, data, Context.Payloads);
            to.Tell(Message.Of(in tlp), Context.NowPs + lookAhead + Context.Random.Next(maxDelayPs));
        }
    }
}
