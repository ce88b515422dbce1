using PcieFabric.Engine;
using PcieFabric.Ports;

namespace PcieFabric.Requests;

/// <content>A long transfer, or the rest of one, may go as a train when nothing else is under way.</content>
public sealed partial class Requester : ITrainSource
{
    /// <summary>Requests after a train that was disturbed, or an attempt at one, before the next is tried: enough to tell a crowded way from a free one.</summary>
    private const int RequestsBetweenTrains = 64;

    private long _nextTrainAfter;

    /// <summary>The last attempt let somebody pass who was about to cross the way.</summary>
    private bool _hasLetPass;

    private TrainShed? _shed;

    /// <summary>A read that has just begun waits to the end of the message in hand: it may depart as a train then, or its requests go as they would have gone.</summary>
    private bool _isHeld;

    /// <summary>The request that is to go next, without tag and data; null where none waits.</summary>
    internal Tlp? Next => _toIssue.TryPeek(out var transfer) && transfer.HasPart ? RequestFor(transfer, transfer.Parts.Current) : null;

    /// <summary>To be called in place of <see cref="Issue"/> where requesters take turns: what is sent now is all that goes in the message in hand, if nobody else sends.</summary>
    internal void TakeTurn()
    {
        if (_isHeld || (_toIssue.Count == 1 && TryHold(_toIssue.Peek()))) return;
        Issue();
    }

    private void OfferTrain(Transfer transfer)
    {
        if (transfer.HasPart && MayGoByTrain(transfer)) (_context as ActorCell)?.Offer(this);
    }

    private bool MayGoByTrain(Transfer transfer) =>
        RequestsSent >= _nextTrainAfter && Translator is null && _settling.Count == 0
        && transfer.Kind != TransferKind.Single && !transfer.IsCutShort && Outstanding == transfer.OutstandingRequests
        && transfer.Parts.LeftBytes >= (long)Train.FewestParts * LargestPart(transfer);

    /// <summary>Has a read wait whose first requests would go now, if it may go by train from the first one on.</summary>
    private bool TryHold(Transfer transfer)
    {
        if (transfer.Kind != TransferKind.Read || _toIssue.Count != 1 || Outstanding > 0 || !MayGoByTrain(transfer) || _path is not ITrainPath { IsAlone: true }) return false;
        var parts = transfer.Parts;
        if (!transfer.HasPart) parts.MoveNext();
        if (parts.Current.OffsetBytes > 0) return false;
        if (!_path.IsOpen(RequestFor(transfer, parts.Current)) || (_context as ActorCell)?.Offer(this) != true) return false;
        (transfer.Parts, transfer.HasPart) = (parts, true);
        // Its first request goes now, whichever way.
        if (CompletionTimeout != SimTime.Never) Watch((new SimTime(_context.NowPs) + CompletionTimeout).Picoseconds);
        return _isHeld = true;
    }

    /// <summary>To be called before anything else is sent or said where the requests go.</summary>
    public void ReleaseHeld()
    {
        if (!_isHeld) return;
        _isHeld = false;
        ((ITrainPath)_path).Release(this);
    }

    ITrain? ITrainSource.TryDepart(long nowPs)
    {
        var train = TryDepart(nowPs);
        if (train is not null) _isHeld = false;
        else ReleaseHeld();
        return train;
    }

    private Train? TryDepart(long nowPs)
    {
        _nextTrainAfter = RequestsSent + RequestsBetweenTrains;
        if (_toIssue.Count != 1 || _path is not ITrainPath { IsAlone: true } path) return null;
        var transfer = _toIssue.Peek();
        // Where the first request of a read could not go, it is not known what it waits for.
        if (transfer.Kind == TransferKind.Read && Outstanding == 0 && !_isHeld) return null;
        var part = transfer.Parts.Current;
        var range = new AddressRange(part.Address - (ulong)part.OffsetBytes, (ulong)transfer.Buffer.Length);
        // Header sizes differ on the two sides of 4 GiB.
        if (range.Base >> 32 != range.Last >> 32) return null;
        var load = new Load(this, path, transfer);
        var sample = load.RequestFor(new RequestPart(part.Address & ~(ulong)(LargestPart(transfer) - 1), LargestPart(transfer), 0));
        if (path.FindRoute(in sample, range) is not { } route) return null;
        // What its source has next follows in the picosecond in which a train comes to rest, but for devices.
        if ((route.Resting is null || route.SendsAtOnce) && route.IsSoonCrossed()) return LetPass();
        if (route.Resting is { } resting)
        {
            if (transfer.Kind == TransferKind.Write && resting is WriteTrain before && before.TryGoOn(route, load, nowPs)) return Departed(before);
            route.Partition.Trains.Dissolve(resting, nowPs);
            if (path.FindRoute(in sample, range) is not { } anew) return null;
            route = anew;
        }
        _hasLetPass = false;
        _shed ??= new TrainShed();
        return transfer.Kind == TransferKind.Read ? ReadTrain.TryDepart(route, load, _shed, nowPs) : TryDepartToWrite(path, route, in sample, load, nowPs);
    }

    private Train? LetPass()
    {
        // When credits have come again he may have passed.
        if (!_hasLetPass) _nextTrainAfter = RequestsSent + 1;
        _hasLetPass = !_hasLetPass;
        return null;
    }

    private Train? TryDepartToWrite(ITrainPath path, TrainRoute route, in Tlp sample, Load load, long nowPs)
    {
        var range = route.AtSource;
        // What is under way of the transfer before goes to another place of the same memory, as a rule.
        var reach = TrainBoarding.Reach(route);
        if (reach != range && path.FindRoute(in sample, reach) is { } wider) route = wider;
        return Departed(WriteTrain.TryDepart(route, load, _shed!, nowPs));
    }

    private Train? Departed(Train? train)
    {
        if (train?.Timetable is { } timetable) (_shed ??= new TrainShed()).Timetable = timetable;
        return train;
    }

    private int LargestPart(Transfer transfer) => transfer.Kind == TransferKind.Read ? Limits.MaxReadRequestBytes : Limits.MaxPayloadBytes;

    private sealed class Load(Requester requester, ITrainPath path, Transfer transfer) : IReadTrainLoad
    {
        public RequestSplitter Parts => transfer.Parts;

        public Memory<byte> Bytes => transfer.Buffer;

        public int Tags => requester._transactions.Capacity;

        public IReadOnlyList<OutstandingRead> Outstanding { get; } =
            [.. requester._transactions.InOrderOfIssue().Select(t => new OutstandingRead((ushort)(t.Transaction.Tag + path.FirstTag), PartOf(transfer, t.Transaction.State, t.TotalBytes), t.RemainingBytes))];

        public Tlp RequestFor(in RequestPart part) => requester.RequestFor(transfer, in part);

        public void Settle(int answered, Span<TrainRead> begun, int oldestBytes)
        {
            requester._transactions.Pass(answered);
            foreach (ref var read in begun)
            {
                var request = RequestFor(in read.Part);
                if (!requester._transactions.TryBegin(ref request, new Part(transfer.Slot, read.Part.OffsetBytes, ++requester._issued), new SimTime(read.SentPs)))
                    throw new InvalidOperationException("Invariant: a train has no more requests under way than there are tags");
                read.Tag = (ushort)(request.Tag + path.FirstTag);
            }
            if (oldestBytes > 0) requester._transactions.PassBytes(oldestBytes);
            transfer.OutstandingRequests = requester.Outstanding;
        }

        public void Continue(in RequestSplitter parts, bool hasPart, long sent, bool isDisturbed)
        {
            (transfer.Parts, transfer.HasPart) = (parts, hasPart);
            requester.RequestsSent += sent;
            requester._nextTrainAfter = requester.RequestsSent + (isDisturbed ? RequestsBetweenTrains : 0);
            if (!hasPart)
            {
                transfer.IssuedAll = true;
                requester._toIssue.Dequeue();
            }
            path.Passed(sent);
        }

        private static RequestPart PartOf(Transfer transfer, Part state, int bytes)
        {
            var current = transfer.Parts.Current;
            return new RequestPart(current.Address - (ulong)(current.OffsetBytes - state.OffsetBytes), bytes, state.OffsetBytes);
        }
    }
}
