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
}

/// <summary>A TLP of a train: one that was a message before, or a part of the load.</summary>
internal struct TravellingTlp
{
    /// <summary>With its payload, as it was boarded; without use for a part of the load.</summary>
    public Tlp Tlp;

    /// <summary>Of the load; of no length for another.</summary>
    public RequestPart Part;

    public TravelPlace Place;

    public int Leg;

    /// <summary>What the transmitter was told, where it waited.</summary>
    public int Source;

    /// <summary>The leg on which it was when it was boarded.</summary>
    public int BoardedOn;

    /// <summary>When it arrives at the next place; where it waits, when all of it was here.</summary>
    public long TimePs;

    public long TailPs;

    public readonly bool IsOfLoad => Part.LengthBytes > 0;

    public readonly int PayloadBytes => Tlp.PayloadBytes;

    public void Stop(int leg, TravelPlace place, long timePs, long tailPs) => (Leg, Place, TimePs, TailPs) = (leg, place, timePs, tailPs);
}
