namespace PcieFabric.Ports;

/// <summary>Marks of one train, in order; kept for the next one.</summary>
internal sealed class TrainMarks
{
    private readonly List<TrainMark> _inOrder = [];
    private readonly Stack<TrainMark> _idle = new();

    public int Count => _inOrder.Count;

    public TrainMark this[int index] => _inOrder[index];

    public TrainMark Rent() => _idle.TryPop(out var mark) ? mark : new TrainMark();

    public void Return(TrainMark mark) => _idle.Push(mark);

    public void Add(TrainMark mark) => _inOrder.Add(mark);

    public void Clear()
    {
        foreach (var mark in _inOrder)
        {
            if (mark.Before is { } before) _idle.Push(before);
            _idle.Push(mark);
        }
        _inOrder.Clear();
    }

    /// <summary>The last from which everything that is under way at a time has still to be followed, or the first.</summary>
    public TrainMark LastBefore(long limitPs)
    {
        var at = _inOrder.Count - 1;
        while (at > 0 && _inOrder[at].Progress.LastAtEnd.Ps >= limitPs) at--;
        return _inOrder[at];
    }
}
