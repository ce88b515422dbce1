using PcieFabric.Engine;

namespace PcieFabric.Ports;

/// <summary>A train of posted writes.</summary>
internal sealed class WriteTrain : Train
{
    private readonly ITrainLoad _load;
    private readonly long _firstByte;

    private WriteTrain(TrainRoute route, ITrainLoad load)
        : base(route, route.Legs)
    {
        _load = load;
        Progress.Parts = load.Parts;
        _firstByte = load.Parts.Current.OffsetBytes;
    }

    /// <summary>A train over a whole route, if everything that is on the route belongs to it.</summary>
    /// <param name="timetable">Of the train before, if there was one.</param>
    public static Train? TryDepart(TrainRoute route, ITrainLoad load, TrainTimetable? timetable, long nowPs)
    {
        var destination = route.Memory!.Span((long)(route.Range.Base + route.MemoryShift - route.Legs[^1].AddressShift), (int)route.Range.Size);
        if (load.Bytes.Span.Overlaps(destination) || route.Legs[0].Transmitter.Waiting == 0) return null;
        var train = new WriteTrain(route, load);
        return train.TryDepart(static _ => true, timetable, nowPs) ? train : null;
    }

    protected override int RequestsBetweenMarks => 32;

    protected override long EndPs => Progress.Issue.Ps;

    protected override void Compute(long limitPs)
    {
        SettleLegs(limitPs);
        var boarded = Boarded;
        while (Progress.NextBoarded < boarded.Count)
        {
            var travelling = boarded[Progress.NextBoarded++];
            if (TryEnd(ref travelling.At, travelling.Tlp.PayloadBytes, limitPs)) Progress.BoardedAtEnd++;
            else UnderWay.Add(travelling);
        }
        var isAhead = limitPs == long.MaxValue;
        while (Progress.Issue.Ps < limitPs && !Legs[0].State.IsBlocked && Progress.Parts.LeftBytes > 0)
        {
            if (isAhead && !MayFollow(repeats: true)) return;
            var part = Progress.Parts.Current;
            Progress.Parts.MoveNext();
            Progress.Issued++;
            var at = new TravelPosition(TravelPlace.Waiting, 0, Progress.Issue, Progress.Issue);
            if (TryEnd(ref at, PayloadBytesOf(in part), limitPs)) Progress.BytesAtEnd += part.LengthBytes;
            else UnderWay.Add(new TravellingTlp { Part = part, At = at });
        }
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
        else
        {
            var part = travelling.Part;
            tlp = _load.RequestFor(in part);
            tlp.AddData((int)part.Address & 3, _load.Bytes.Span.Slice((int)part.OffsetBytes, part.LengthBytes), pool);
        }
        return shift == 0 ? tlp : tlp.AtAddress(tlp.Address + shift);
    }
}
