using PcieFabric.Engine;
using PcieFabric.Links;

namespace PcieFabric.Ports;

/// <summary>A train of posted writes.</summary>
internal sealed partial class WriteTrain : Train
{
    /// <summary>When the last request of the load but one departs, if that is known before it is followed, and others before have departed earlier.</summary>
    private long _lastGroupPs = NotKnown;

    private const long NotKnown = -1;

    private ITrainLoad _load;
    private long _firstByte;

    private WriteTrain(TrainRoute route, ITrainLoad load, TrainShed shed)
        : base(route, route.Legs, shed)
    {
        _load = load;
        _range = route.AtSource;
        Progress.Parts = load.Parts;
        _firstByte = load.Parts.Current.OffsetBytes;
    }

    /// <summary>A train over a whole route, if everything that is on the route belongs to it.</summary>
    /// <param name="shed">Of the requester.</param>
    public static Train? TryDepart(TrainRoute route, ITrainLoad load, TrainShed shed, long nowPs)
    {
        if (IsOwnSource(route, load, route.AtSource) || (route.Legs[0].Transmitter.Waiting == 0 && !route.SendsAtOnce)) return null;
        var train = new WriteTrain(route, load, shed);
        return train.TryDepart(static _ => true, shed.Timetable, nowPs) ? train : null;
    }

    /// <summary>What is read would change while it is sent.</summary>
    private static bool IsOwnSource(TrainRoute route, ITrainLoad load, AddressRange range) =>
        load.Bytes.Span.Overlaps(route.Memory!.Span((long)(range.Base + route.MemoryShift), (int)range.Size));

    protected override int RequestsBetweenMarks => 32;

    /// <summary>More than leaves in one picosecond as a rule, so that the train can rest before: credits come back by a quarter of the grant.</summary>
    protected override long LeastLeftBytes
    {
        get
        {
            var length = Progress.Parts.Current.LengthBytes;
            ref readonly var credits = ref Legs[0].State.Credits;
            var (headers, data) = (credits.Out.Headers + credits.Headers, credits.Out.Data + credits.Data);
            return (Math.Min(headers, data / CreditCounter.DataCredits(PayloadBytesOf(Progress.Parts.Current))) / 4 + 2L) * length;
        }
    }

    protected override long EndPs => _lastGroupPs == NotKnown ? Progress.Issue.Ps : _lastGroupPs;

    protected override void Compute(long limitPs)
    {
        SettleLegs(limitPs);
        if (Progress.IsBeforeSeam) FollowTail(limitPs);
        if (RestsAt is not null) return;
        FollowBoarded(Boarded.Count, limitPs);
        var isAhead = limitPs == long.MaxValue;
        if (isAhead) _lastGroupPs = NotKnown;
        while (Progress.Issue.Ps < limitPs && !Legs[0].State.IsBlocked && Progress.Parts.LeftBytes > 0)
        {
            if (isAhead && (!MayFollow(repeats: true) || IsLastGroup(out _lastGroupPs))) return;
            var before = Progress.Parts;
            if (TryFollowNext(isOfTail: false, limitPs, out var bytes)) Progress.BytesAtEnd += bytes;
            if (Route.SendsAtOnce && Legs[0].State.IsBlocked)
            {
                Progress.Parts = before;
                UnderWay.RemoveAt(UnderWay.Count - 1);
                return;
            }
            Progress.Issued++;
        }
        // The last one may have to go alone.
        if (isAhead && Route.SendsAtOnce && UnderWay.Count == 0 && Progress.Parts.LeftBytes == 0) IsLastGroup(out _lastGroupPs);
    }

    /// <param name="end">Up to which of them.</param>
    private void FollowBoarded(int end, long limitPs)
    {
        while (Progress.NextBoarded < end)
        {
            var travelling = Boarded[Progress.NextBoarded++];
            if (TryEnd(ref travelling.At, travelling.Tlp.PayloadBytes, limitPs)) Progress.BoardedAtEnd++;
            else UnderWay.Add(travelling);
        }
    }

    private bool TryFollowNext(bool isOfTail, long limitPs, out int bytes)
    {
        var part = Progress.Parts.Current;
        Progress.Parts.MoveNext();
        bytes = part.LengthBytes;
        var at = new TravelPosition(TravelPlace.Waiting, 0, Progress.Issue, Progress.Issue);
        if (TryEnd(ref at, PayloadBytesOf(in part), limitPs)) return true;
        UnderWay.Add(new TravellingTlp { Part = part, IsOfTail = isOfTail, At = at });
        return false;
    }

    private bool TryEnd(ref TravelPosition at, int payloadBytes, long limitPs)
    {
        if (!Follow(ref at, Legs.Length, payloadBytes, isLast: false, limitPs)) return false;
        End(payloadBytes, at.Time, limitPs);
        return true;
    }

    private static int PayloadBytesOf(in RequestPart part) => ((int)(part.Address & 3) + part.LengthBytes + 3) & ~3;

    protected override void Finish(PayloadPool pool)
    {
        if (Progress.TailBytesAtEnd > 0) Route.Memory!.Write((long)(Tail.Address + Route.MemoryShift), Tail.First(Progress.TailBytesAtEnd));
        for (var i = 0; i < Progress.BoardedAtEnd; i++)
        {
            var tlp = Boarded[i].Tlp;
            var shift = Route.MemoryShift - Legs[Boarded[i].BoardedOn].AddressShift;
            Route.Memory!.Write((long)(tlp.Address + shift), tlp.Payload, tlp.FirstBe, tlp.LastBe);
            tlp.Release(pool);
        }
        if (Progress.BytesAtEnd == 0) return;
        var first = _load.Parts.Current;
        Route.Memory!.Write((long)(first.Address + Route.MemoryShift), _load.Bytes.Span.Slice((int)_firstByte, (int)Progress.BytesAtEnd));
    }

    protected override void Continue(bool isDisturbed) => _load.Continue(in Progress.Parts, hasPart: true, Progress.Issued, isDisturbed);

    protected override Tlp Whole(in TravellingTlp travelling, PayloadPool pool)
    {
        var tlp = travelling.Tlp;
        var shift = Legs[travelling.At.Leg].AddressShift;
        if (!travelling.IsOfLoad) shift -= Legs[travelling.BoardedOn].AddressShift;
        else if (travelling.IsOfTail) tlp = Tail.Whole(in travelling.Part, pool);
        else tlp = Whole(in travelling.Part, pool);
        return shift == 0 ? tlp : tlp.AtAddress(tlp.Address + shift);
    }

    private Tlp Whole(in RequestPart part, PayloadPool pool)
    {
        var tlp = _load.RequestFor(in part);
        tlp.AddData((int)part.Address & 3, _load.Bytes.Span.Slice((int)part.OffsetBytes, part.LengthBytes), pool);
        return tlp;
    }
}
