namespace PcieFabric.Ports;

/// <summary>What a requester keeps for its next train. It has one at a time, as a rule.</summary>
internal sealed class TrainShed
{
    private const int RestsToLeaveOut = 15;

    private TrainLists? _lists;

    public TrainCourses Courses { get; } = new();

    /// <summary>Of the last train that wrote.</summary>
    public TrainTimetable? Timetable { get; set; }

    /// <summary>Trains to come that do not rest, as somebody came by while the last ones did: then he does so after each transfer, as a rule.</summary>
    private int _restsToLeaveOut;

    private int _restsInVain;

    /// <summary>To rest in vain costs about as much as is gained otherwise.</summary>
    public bool MayRest()
    {
        if (_restsToLeaveOut == 0) return true;
        _restsToLeaveOut--;
        return false;
    }

    /// <summary>A train has rested.</summary>
    public void Rested(bool hasGoneOn)
    {
        _restsInVain = hasGoneOn ? 0 : _restsInVain + 1;
        // At the end of a list it is in vain once.
        if (_restsInVain > 1) _restsToLeaveOut = RestsToLeaveOut;
    }

    public TrainLists Take()
    {
        var lists = _lists ?? new TrainLists();
        _lists = null;
        return lists;
    }

    public void Keep(TrainLists lists)
    {
        lists.Clear();
        _lists = lists;
    }
}
