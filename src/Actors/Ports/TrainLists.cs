namespace PcieFabric.Ports;

/// <summary>What a train fills while it goes. It grows with what is under way, so it is kept for the next train.</summary>
internal sealed class TrainLists
{
    /// <summary>What was on the route when the train departed, those first that were farthest.</summary>
    public List<TravellingTlp> Boarded { get; } = [];

    /// <summary>While boarding: what waits at transmitters, those first that are nearest.</summary>
    public List<TravellingTlp> Waiting { get; } = [];

    /// <summary>What has not got to its end.</summary>
    public List<TravellingTlp> UnderWay { get; } = [];

    /// <summary>From where the train can be followed again, in order.</summary>
    public List<TrainMark> Marks { get; } = [];

    /// <summary>Of a train that rests.</summary>
    public TrainTail Tail { get; } = new();

    public void Clear()
    {
        Boarded.Clear();
        Waiting.Clear();
        UnderWay.Clear();
        Marks.Clear();
    }
}
