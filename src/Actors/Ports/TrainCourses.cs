namespace PcieFabric.Ports;

/// <summary>The reads that a requester repeats. Each is followed as its train departs until it comes a second time.</summary>
internal sealed class TrainCourses
{
    /// <summary>Of different lengths and ways, as few as are worth looking through.</summary>
    private const int Most = 8;

    private readonly Queue<TrainCourse> _courses = new();

    /// <summary>The course by which a train goes that departs from a free route; null if it is to be followed.</summary>
    public TrainCourse? Find(ReadTrain train, long nowPs)
    {
        // A shorter completion may overtake another, and when does depend on batches.
        if (!train.Parts.AreAlike) return null;
        foreach (var course in _courses)
            if (course.IsFor(train))
                return course.IsOpenTo(train, nowPs) ? course : null;
        if (_courses.Count == Most) _courses.Dequeue();
        _courses.Enqueue(new TrainCourse(train));
        return null;
    }
}
