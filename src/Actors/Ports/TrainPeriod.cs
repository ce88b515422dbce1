using System.Runtime.InteropServices;

namespace PcieFabric.Ports;

/// <summary>
/// Finds out when a train does what it did before: after some requests everything is as it was some requests earlier, all of it later by the same time. Brent's way: one moment is kept for
/// comparison, a newer one after twice as many requests each time.
/// </summary>
internal sealed class TrainPeriod
{
    /// <summary>Requests after which the first moment is given up for a newer one.</summary>
    private const int FirstStretch = 16;

    private readonly List<TrainMark> _moments = [];
    private long _requestsLeft;
    private long _stretch = FirstStretch;

    /// <summary>What comes has nothing to do with what came.</summary>
    public void Restart()
    {
        _moments.Clear();
        (_requestsLeft, _stretch) = (0, FirstStretch);
    }

    /// <summary>A moment since that for comparison, in order.</summary>
    public void Add(TrainMark mark)
    {
        if (_moments.Count > 0) _moments.Add(mark);
    }

    /// <summary>One more request is to be followed. Does what came since a moment before come again, by what is known so far?</summary>
    public TrainTimetable? Find(Train train)
    {
        if (_moments.Count > 0 && train.IsAsBefore(_moments[0]))
        {
            _moments.Add(train.Save());
            var timetable = new TrainTimetable(CollectionsMarshal.AsSpan(_moments), train);
            foreach (var leg in train.Legs) leg.Grazes = new WireGrazes();
            Restart();
            return timetable;
        }
        if (--_requestsLeft > 0) return null;
        _moments.Clear();
        _moments.Add(train.Save());
        (_requestsLeft, _stretch) = (_stretch, 2 * _stretch);
        foreach (var leg in train.Legs) (leg.Grazes ??= new WireGrazes()).Clear();
        return null;
    }
}
