namespace PcieFabric.Ports;

/// <summary>Where on a leg a TLP is.</summary>
internal enum TravelPlace
{
    /// <summary>At the transmitter, for credits.</summary>
    Waiting,

    /// <summary>Between transmitter and receiver.</summary>
    OnTheWay,

    /// <summary>In the component behind the receiver.</summary>
    Inside,

    /// <summary>A read at the end of its way, for the memory's latency.</summary>
    AtCompleter,
}

/// <summary>Where a TLP is, and from when on.</summary>
/// <param name="Time">When it arrives there; where it waits, when its head was here.</param>
/// <param name="Tail">When its tail comes.</param>
internal readonly record struct TravelPosition(TravelPlace Place, int Leg, TrainTime Time, TrainTime Tail)
{
    /// <param name="tailPs">How long after its head its tail comes.</param>
    public static TravelPosition Of(TravelPlace place, int leg, long timePs, long tailPs) => new(place, leg, new TrainTime(timePs, 0), new TrainTime(timePs + tailPs, 0));

    public long TimePs => Time.Ps;

    public long TailPs => Tail.Ps - Time.Ps;
}

/// <summary>A TLP of a train: one that was a message before, or a part of the load.</summary>
internal struct TravellingTlp
{
    /// <summary>With its payload, as it was boarded; without use for a part of the load.</summary>
    public Tlp Tlp;

    /// <summary>Of the load or the tail; of no length for another.</summary>
    public RequestPart Part;

    /// <summary>The part is of the <see cref="TrainTail"/>.</summary>
    public bool IsOfTail;

    public TravelPosition At;

    /// <summary>The leg on which it was when it was boarded.</summary>
    public int BoardedOn;

    /// <summary>What the transmitter was told, where it waited.</summary>
    public int Source;

    /// <summary>Of a train of reads: to which it belongs.</summary>
    public long Read;

    /// <summary>The share of the read's answer; of no length for a request, or for a completion as it was boarded.</summary>
    public CompletionPart Completion;

    /// <summary>The completion is the read's last.</summary>
    public bool IsLast;

    /// <summary>Where the completion's bytes end in the transfer.</summary>
    public long EndOffset;

    public readonly bool IsOfLoad => Part.LengthBytes > 0;
}
