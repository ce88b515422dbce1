using PcieFabric.Engine;

namespace PcieFabric.RootComplexes;

/// <content>
/// Peer-to-peer between root complexes of one host. A Requester ID means nothing in another segment, so the root complex asks in its own name and
/// gives the answer to whom it belongs (PCIe 6.0 section 1.3.1 leaves it to the implementation how).
/// </content>
public sealed partial class RootComplex
{
    /// <summary>In whose name requests cross: the root bus's own, and not the processor's.</summary>
    private static readonly Bdf CrossingId = new(0, 0, 7);

    /// <summary>What crosses into one hierarchy: every completer takes eight-bit tags.</summary>
    private sealed class Crossing
    {
        public const int Tags = 256;

        /// <summary>Longer than any requester waits unless it is told to: an answer that has not come by then was lost.</summary>
        private static readonly long LostAfterPs = SimTime.FromMilliseconds(100).Picoseconds;

        private readonly Ticket[] _tickets = new Ticket[Tags];
        private int _next;

        public Queue<Waiting> Waiting { get; } = new();

        public ref Ticket this[int tag] => ref _tickets[tag];

        /// <returns>A tag that is not in use, or -1.</returns>
        public int FindTag(long nowPs)
        {
            for (var i = 0; i < Tags; i++)
            {
                var tag = _next + i & Tags - 1;
                if (_tickets[tag].IsOut && nowPs - _tickets[tag].SentPs < LostAfterPs) continue;
                _next = tag + 1 & Tags - 1;
                return tag;
            }
            return -1;
        }
    }

    private record struct Ticket(bool IsOut, Bdf Requester, ushort Tag, int Port, long SentPs);

    private readonly record struct Waiting(Tlp Request, int From, int To, bool HoldsCredits);

    /// <summary>A request for a device below another root complex. The request keeps the credits of its link while it waits for a tag, which bounds the queue.</summary>
    private void Cross(int from, int to, ref readonly Tlp tlp)
    {
        if (tlp.FlowControlClass == FlowControlClass.Posted)
        {
            Forward(from, to, in tlp);
            return;
        }
        var crossing = _crossings[_ports[to].Hierarchy] ??= new Crossing();
        crossing.Waiting.Enqueue(new Waiting(tlp, from, to, _holdsCredits));
        CrossWhatMay(crossing);
    }

    private void CrossWhatMay(Crossing crossing)
    {
        while (crossing.Waiting.TryPeek(out var waiting) && crossing.FindTag(Context.NowPs) is var tag && tag >= 0)
        {
            crossing.Waiting.Dequeue();
            var request = waiting.Request;
            crossing[tag] = new Ticket(true, request.Requester, request.Tag, waiting.From, Context.NowPs);
            (request.Requester, request.Tag) = (CrossingId, (ushort)tag);
            Counters.TlpsBetweenPorts++;
            _ports[waiting.To].Transmitter.Send(in request, waiting.HoldsCredits ? waiting.From : Own, Context.NowPs);
        }
    }

    /// <summary>An answer to a request that crossed.</summary>
    private void CompleteCrossing(int from, ref readonly Tlp completion)
    {
        var crossing = _crossings[_ports[from].Hierarchy];
        if (crossing is null || completion.Tag >= Crossing.Tags || !crossing[completion.Tag].IsOut)
        {
            Counters.UnexpectedCompletions++;
            Free(from, in completion);
            completion.Release(Context.Payloads);
            return;
        }
        ref var ticket = ref crossing[completion.Tag];
        var answer = completion;
        (answer.Requester, answer.Tag) = (ticket.Requester, ticket.Tag);
        var port = ticket.Port;
        var dataBytes = completion.PayloadBytes - (completion.LowerAddress & 3);
        if (!completion.HasData || completion.ByteCount <= dataBytes) ticket.IsOut = false;
        Forward(from, port, in answer);
        CrossWhatMay(crossing);
    }

    /// <returns>The port, among all of the host's, below which another root complex has the address; or -1.</returns>
    private int PortAcross(int hierarchy, ulong address)
    {
        for (var other = 0; other < _routes.Length; other++)
        {
            if (other == hierarchy) continue;
            var peer = _routes[other].ByAddress(address);
            if (peer >= 0) return _settings.Hierarchies[other].FirstPort + peer;
        }
        return -1;
    }
}
