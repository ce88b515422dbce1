using PcieFabric.Engine;
using PcieFabric.Links;

namespace PcieFabric.Ports;

/// <summary>
/// Posted writes of one transfer, on their way over one route that nobody else uses, with one copy of the bytes. Each TLP has the times that it would have as a message: a
/// TLP never waits for a later one, so each is followed from its source to its end, one after the other, by additions and comparisons only.
/// </summary>
/// <remarks>
/// What would happen is computed when the train departs, and done when it dissolves: at the end, or when somebody else sends to an actor on its route. Then everything
/// before that time is done and the rest becomes messages again, computed anew from the last mark before.
/// </remarks>
internal sealed class Train : ITrain
{
    /// <summary>Shorter stretches cost more to prepare than they save.</summary>
    public const int FewestParts = 96;

    /// <summary>Longer ones are not worth what is computed in vain if somebody comes by.</summary>
    private const int MostParts = 1 << 14;

    private const int PartsBetweenMarks = 128;

    private readonly TrainRoute _route;
    private readonly TrainLeg[] _legs;
    private readonly ITrainLoad _load;
    private readonly List<TravellingTlp> _boarded = [];
    private readonly List<TravellingTlp> _underWay = [];
    private readonly List<Mark> _marks = [];
    private readonly long _firstByte;
    private Progress _progress;

    /// <summary>How far everything is, but for the legs.</summary>
    private struct Progress
    {
        public RequestSplitter Parts;
        public int NextBoarded;
        public int BoardedAtEnd;
        public long BytesAtEnd;
        public long LastAtEndPs;
        public long IssuePs;
        public int Issued;
    }

    private sealed record Mark(Progress Progress, (LegState State, (int, int) Returns, (int, int) Owed)[] Legs);

    private Train(TrainRoute route, ITrainLoad load)
    {
        (_route, _legs, _load) = (route, [.. route.Legs], load);
        _progress.Parts = load.Parts;
        _firstByte = load.Parts.Current.OffsetBytes;
    }

    public long StopPs { get; private set; }

    public IReadOnlyCollection<ActorCell> Cells => _route.Cells;

    /// <summary>A train over a whole route, if everything that is on the route belongs to it.</summary>
    public static Train? TryDepart(TrainRoute route, ITrainLoad load, long nowPs)
    {
        var train = new Train(route, load);
        var destination = route.Memory!.Span((long)(route.Range.Base + route.MemoryShift - route.Legs[^1].AddressShift), (int)route.Range.Size);
        if (load.Bytes.Span.Overlaps(destination) || !TrainBoarding.TryBoard(route, train._boarded, nowPs)) return null;
        train._progress.IssuePs = nowPs;
        train.SetMark();
        train.Compute(long.MaxValue);
        train.StopPs = train._progress.IssuePs;
        return train;
    }

    public void Dissolve(long limitPs)
    {
        var mark = _marks.FindLast(m => m.Progress.LastAtEndPs < limitPs) ?? _marks[0];
        Restore(mark);
        Compute(limitPs);
        var pool = _route.Partition.Payloads;
        WriteMemory(pool);
        foreach (var leg in _legs)
        {
            leg.CatchUp(limitPs);
            leg.Transmitter.Arrive(in leg.State);
            leg.Receiver?.Arrive(in leg.State);
            leg.Owner?[leg.OwnerSource].Put(FlowControlClass.Posted, leg.State.OwedByOwner);
            leg.Arrived?.Invoke(leg.State.Passed, leg.State.PassedBytes);
            Send(leg.Owed, leg.OwnerWay);
            Send(leg.Returns, leg.Receiver is null ? leg.OwnerWay : leg.CreditWay);
        }
        foreach (var travelling in _underWay) Send(in travelling, pool);
        _load.Continue(in _progress.Parts, _progress.Issued, isDisturbed: limitPs < StopPs);
    }

    /// <summary>Follows one TLP after the other, as far as each gets before a time.</summary>
    private void Compute(long limitPs)
    {
        foreach (var leg in _legs) leg.Settle(limitPs);
        while (_progress.NextBoarded < _boarded.Count)
        {
            var travelling = _boarded[_progress.NextBoarded++];
            if (Follow(ref travelling.At, travelling.Tlp.PayloadBytes, limitPs)) _progress.BoardedAtEnd++;
            else _underWay.Add(travelling);
        }
        var isAhead = limitPs == long.MaxValue;
        var sinceMark = 0;
        while (_progress.IssuePs < limitPs && !_legs[0].State.IsBlocked && _progress.Issued < MostParts && _progress.Parts.LeftBytes > 0)
        {
            // Something waits for credits that come from outside the route: what is known ends here.
            if (isAhead && _underWay.Count > 0) return;
            if (isAhead && ++sinceMark == PartsBetweenMarks)
            {
                SetMark();
                sinceMark = 0;
            }
            var part = _progress.Parts.Current;
            _progress.Parts.MoveNext();
            _progress.Issued++;
            var at = new TravelPosition(TravelPlace.Waiting, 0, _progress.IssuePs, 0);
            if (Follow(ref at, PayloadBytesOf(in part), limitPs)) _progress.BytesAtEnd += part.LengthBytes;
            else _underWay.Add(new TravellingTlp { Part = part, At = at });
        }
    }

    /// <returns>Whether it gets to the end.</returns>
    private bool Follow(ref TravelPosition at, int payloadBytes, long limitPs)
    {
        var (place, index, atPs, tailPs) = at;
        var data = CreditCounter.DataCredits(payloadBytes);
        while (true)
        {
            var leg = _legs[index];
            if (place == TravelPlace.Waiting)
            {
                var readyPs = atPs + tailPs;
                if (!leg.TryDepart(atPs, ref tailPs, payloadBytes, limitPs, out var departsPs, out var freePs, out var arrivesPs))
                {
                    at = new TravelPosition(place, index, readyPs, 0);
                    return false;
                }
                if (index == 0) _progress.IssuePs = departsPs;
                else _legs[index - 1].Free(data, freePs, limitPs);
                atPs = arrivesPs;
                place = TravelPlace.OnTheWay;
            }
            if (place == TravelPlace.OnTheWay)
            {
                if (atPs >= limitPs)
                {
                    at = new TravelPosition(place, index, atPs, tailPs);
                    return false;
                }
                if (leg.Receiver is not null) leg.Receive(payloadBytes);
                if (leg.Inside is not null) atPs += leg.InsidePs;
            }
            if (leg.Inside is not null && atPs >= limitPs)
            {
                at = new TravelPosition(TravelPlace.Inside, index, atPs, tailPs);
                return false;
            }
            leg.Pass(payloadBytes);
            place = TravelPlace.Waiting;
            if (++index < _legs.Length) continue;
            leg.Free(data, atPs, limitPs);
            _progress.LastAtEndPs = atPs + SourceCredits.LatencyPs;
            return true;
        }
    }

    private static int PayloadBytesOf(in RequestPart part) => ((int)(part.Address & 3) + part.LengthBytes + 3) & ~3;

    private void SetMark() => _marks.Add(new Mark(_progress, [.. _legs.Select(l => (l.State, l.Returns.Place, l.Owed.Place))]));

    private void Restore(Mark mark)
    {
        _underWay.Clear();
        _progress = mark.Progress;
        for (var i = 0; i < _legs.Length; i++) (_legs[i].State, _legs[i].Returns.Place, _legs[i].Owed.Place) = mark.Legs[i];
    }

    private void WriteMemory(PayloadPool pool)
    {
        for (var i = 0; i < _progress.BoardedAtEnd; i++)
        {
            var tlp = _boarded[i].Tlp;
            var shift = _route.MemoryShift - _legs[_boarded[i].BoardedOn].AddressShift;
            _route.Memory!.Write((long)(tlp.Address + shift), tlp.Payload, tlp.FirstBe, tlp.LastBe);
            tlp.Release(pool);
        }
        if (_progress.BytesAtEnd == 0) return;
        var first = _load.Parts.Current;
        _route.Memory!.Write((long)(first.Address + _route.MemoryShift), _load.Bytes.Span.Slice((int)_firstByte, (int)_progress.BytesAtEnd));
    }

    private static void Send(CreditFlow credits, Channel? way)
    {
        for (; !credits.IsEmpty; credits.Take())
        {
            var (timePs, headers, data) = credits.Next;
            way!.Enqueue(Message.Of(MessageKind.CreditReturn, new CreditReturn(FlowControlClass.Posted, headers, data)), timePs);
        }
    }

    private void Send(in TravellingTlp travelling, PayloadPool pool)
    {
        var leg = _legs[travelling.At.Leg];
        var tlp = travelling.Tlp;
        if (travelling.IsOfLoad)
        {
            var part = travelling.Part;
            tlp = _load.RequestFor(in part);
            tlp.AddData((int)part.Address & 3, _load.Bytes.Span.Slice((int)part.OffsetBytes, part.LengthBytes), pool);
        }
        var shift = leg.AddressShift - (travelling.IsOfLoad ? 0 : _legs[travelling.BoardedOn].AddressShift);
        if (shift != 0) tlp = tlp.AtAddress(tlp.Address + shift);
        if (travelling.At.Place == TravelPlace.Waiting)
        {
            leg.Transmitter.PutWaiting(in tlp, leg.Source, travelling.At.TimePs);
            return;
        }
        var way = travelling.At.Place == TravelPlace.OnTheWay ? leg.Way : leg.Inside!;
        way.Enqueue(Message.Of(in tlp, travelling.At.TailPs), travelling.At.TimePs);
    }
}
