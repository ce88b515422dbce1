namespace PcieFabric.Ports;

/// <summary>
/// Finds out when a train does what it did before: after some requests everything is as it was some requests earlier, all of it later by the same time. Brent's way: one moment is kept for
/// comparison, a newer one after twice as many requests each time.
/// </summary>
internal sealed class TrainPeriod(TrainMarks marks)
{
    /// <summary>Requests after which the first moment is given up for a newer one.</summary>
    private const int FirstStretch = 16;

    private TrainMark? _before;
    private long _requestsLeft;
    private long _stretch;

    /// <summary>What comes has nothing to do with what came.</summary>
    public void Restart()
    {
        if (_before is not null) marks.Return(_before);
        (_before, _requestsLeft, _stretch) = (null, 0, FirstStretch);
    }

    /// <summary>One more request was followed; how often does what came since a moment before come again, by what is known so far?</summary>
    /// <param name="before">That moment, which the caller keeps.</param>
    public bool TryFind(Train train, out TrainMark before, out TrainTime period)
    {
        before = _before!;
        if (before is not null && train.IsAsBefore(before, out period))
        {
            _before = null;
            return true;
        }
        period = default;
        if (--_requestsLeft > 0) return false;
        _before ??= marks.Rent();
        train.Save(_before);
        (_requestsLeft, _stretch) = (_stretch, 2 * _stretch);
        foreach (var leg in train.Legs) leg.Grazes.Clear();
        return false;
    }
}
