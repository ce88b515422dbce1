using PcieFabric.Engine;
using PcieFabric.Ports;

namespace PcieFabric.Requests;

/// <content>The rest of a long transfer, when nothing else is under way, may go as a train.</content>
public sealed partial class Requester : ITrainSource
{
    /// <summary>Requests after a train that was disturbed, or an attempt at one, before the next is tried: enough to tell a crowded way from a free one.</summary>
    private const int RequestsBetweenTrains = 64;

    private long _nextTrainAfter;

    /// <summary>Of the last train that wrote.</summary>
    private TrainTimetable? _timetable;

    private void OfferTrain(Transfer transfer)
    {
        if (RequestsSent < _nextTrainAfter || !transfer.HasPart || Translator is not null || _settling.Count > 0) return;
        if (transfer.Kind == TransferKind.Single || Outstanding != transfer.OutstandingRequests) return;
        if (transfer.Parts.LeftBytes < (long)Train.FewestParts * LargestPart(transfer)) return;
        (_context as ActorCell)?.Offer(this);
    }

    ITrain? ITrainSource.TryDepart(long nowPs)
    {
        _nextTrainAfter = RequestsSent + RequestsBetweenTrains;
        if (_toIssue.Count != 1 || _path is not ITrainPath path) return null;
        var transfer = _toIssue.Peek();
        var part = transfer.Parts.Current;
        var range = new AddressRange(part.Address - (ulong)part.OffsetBytes, (ulong)transfer.Buffer.Length);
        // Header sizes differ on the two sides of 4 GiB.
        if (range.Base >> 32 != range.Last >> 32) return null;
        var load = new Load(this, transfer);
        var sample = load.RequestFor(new RequestPart(part.Address & ~(ulong)(LargestPart(transfer) - 1), LargestPart(transfer), 0));
        if (path.FindRoute(in sample, range) is not { } route) return null;
        if (route.Resting is { } resting)
        {
            if (transfer.Kind == TransferKind.Write && resting is WriteTrain before && before.TryGoOn(route, load, nowPs)) return Departed(before);
            route.Partition.Trains.Dissolve(resting, nowPs);
            if (path.FindRoute(in sample, range) is not { } anew) return null;
            route = anew;
        }
        return transfer.Kind == TransferKind.Read ? ReadTrain.TryDepart(route, load, nowPs) : TryDepartToWrite(path, route, in sample, load, nowPs);
    }

    private Train? TryDepartToWrite(ITrainPath path, TrainRoute route, in Tlp sample, Load load, long nowPs)
    {
        var range = route.AtSource;
        // What is under way of the transfer before goes to another place of the same memory, as a rule.
        var reach = TrainBoarding.Reach(route);
        if (reach != range && path.FindRoute(in sample, reach) is { } wider) route = wider;
        return Departed(WriteTrain.TryDepart(route, load, _timetable, nowPs));
    }

    private Train? Departed(Train? train)
    {
        _timetable = train?.Timetable ?? _timetable;
        return train;
    }

    private int LargestPart(Transfer transfer) => transfer.Kind == TransferKind.Read ? Limits.MaxReadRequestBytes : Limits.MaxPayloadBytes;

    private sealed class Load(Requester requester, Transfer transfer) : IReadTrainLoad
    {
        public RequestSplitter Parts => transfer.Parts;

        public Memory<byte> Bytes => transfer.Buffer;

        public int Tags => requester._transactions.Capacity;

        public IReadOnlyList<OutstandingRead> Outstanding { get; } =
            [.. requester._transactions.InOrderOfIssue().Select(t => new OutstandingRead(t.Transaction.Tag, PartOf(transfer, t.Transaction.State, t.TotalBytes), t.RemainingBytes))];

        public Tlp RequestFor(in RequestPart part)
        {
            var request = transfer.Kind == TransferKind.Read ? Tlp.MemoryRead(requester.Id, 0, part.Address, part.LengthBytes) : Tlp.MemoryWriteHeader(requester.Id, part.Address, part.LengthBytes);
            request.CopyAttributesFrom(in transfer.Request);
            return request;
        }

        public void Settle(int answered, Span<TrainRead> begun, int oldestBytes)
        {
            requester._transactions.Pass(answered);
            foreach (ref var read in begun)
            {
                var request = RequestFor(in read.Part);
                if (!requester._transactions.TryBegin(ref request, new Part(transfer.Slot, read.Part.OffsetBytes, ++requester._issued), new SimTime(read.SentPs)))
                    throw new InvalidOperationException("Invariant: a train has no more requests under way than there are tags");
                read.Tag = request.Tag;
            }
            if (oldestBytes > 0) requester._transactions.PassBytes(oldestBytes);
            transfer.OutstandingRequests = requester.Outstanding;
        }

        public void Continue(in RequestSplitter parts, bool hasPart, long sent, bool isDisturbed)
        {
            (transfer.Parts, transfer.HasPart) = (parts, hasPart);
            requester.RequestsSent += sent;
            requester._nextTrainAfter = requester.RequestsSent + (isDisturbed ? RequestsBetweenTrains : 0);
            if (hasPart) return;
            transfer.IssuedAll = true;
            requester._toIssue.Dequeue();
        }

        private static RequestPart PartOf(Transfer transfer, Part state, int bytes)
        {
            var current = transfer.Parts.Current;
            return new RequestPart(current.Address - (ulong)(current.OffsetBytes - state.OffsetBytes), bytes, state.OffsetBytes);
        }
    }
}
