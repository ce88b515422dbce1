namespace PcieFabric.Ports;

/// <summary>What a requester keeps for its next train. It has one at a time, as a rule.</summary>
internal sealed class TrainShed
{
    private TrainLists? _lists;

    public TrainCourses Courses { get; } = new();

    /// <summary>Of the last train that wrote.</summary>
    public TrainTimetable? Timetable { get; set; }

    /// <summary>Trains to come that are not to rest, as somebody came by while the last one did, who does so after each transfer as a rule.</summary>
    public int RestsLeftOut { get; set; }

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
