namespace PcieFabric.Engine;

/// <summary>The trains of one partition.</summary>
internal sealed class TrainYard
{
    private readonly List<ITrain> _trains = [];

    /// <summary>Whoever asked, in the message in hand, to let a train depart.</summary>
    public ITrainSource? Candidate { get; set; }

    /// <summary>The earliest <see cref="ITrain.StopPs"/>; <see cref="long.MaxValue"/> without trains.</summary>
    public long StopPs { get; private set; } = long.MaxValue;

    /// <summary>Trains that departed so far.</summary>
    public long Departed { get; private set; }

    /// <summary>Of these departures, those of trains that had rested.</summary>
    public long GoneOn { get; private set; }

    /// <summary>Of the requests of trains that have dissolved, those that were not followed one by one.</summary>
    public long Skipped { get; private set; }

    /// <summary>The message in hand is done.</summary>
    public void LetDepart(long nowPs)
    {
        // Who is refused at the first request may ask again behind some of them.
        while (Candidate is { } source)
        {
            Candidate = null;
            if (source.TryDepart(nowPs) is { } train) Add(train);
        }
    }

    private void Add(ITrain train)
    {
        foreach (var cell in train.Cells) cell.Train = train;
        if (_trains.Contains(train)) GoneOn++;
        else _trains.Add(train);
        Departed++;
        FindStop();
    }

    public void Dissolve(ITrain train, long limitPs, bool isPause = false)
    {
        _trains.Remove(train);
        // Another may pass by where one rests.
        foreach (var cell in train.Cells)
            if (cell.Train == train)
                cell.Train = null;
        FindStop();
        try
        {
            train.Dissolve(limitPs, isPause);
        }
        finally
        {
            train.LetGo();
        }
        Skipped += train.Skipped;
    }

    /// <summary>The time has come for at least one of them, to rest or to dissolve.</summary>
    public void EndDue()
    {
        var limitPs = StopPs;
        var at = 0;
        while (_trains[at].StopPs != limitPs) at++;
        var train = _trains[at];
        if (!train.TryRest())
        {
            Dissolve(train, limitPs);
            return;
        }
        foreach (var cell in train.CellsAtSource)
            if (cell.Train == train)
                cell.Train = null;
        FindStop();
    }

    /// <summary>Somebody is about to look at the actors from outside.</summary>
    public void DissolveAll(long limitPs)
    {
        while (_trains.Count > 0) Dissolve(_trains[^1], limitPs, isPause: true);
    }

    private void FindStop()
    {
        StopPs = long.MaxValue;
        foreach (var train in _trains) StopPs = Math.Min(StopPs, train.StopPs);
    }
}
