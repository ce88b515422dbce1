namespace PcieFabric.Links;

/// <summary>What the Data Link Layer's own packets (Ack, UpdateFC) cost a link.</summary>
public enum DllpMode : byte
{
    /// <summary>A fixed share of the rate, as published: <see cref="DllpOverhead.TlpRateFactor"/>. The default.</summary>
    RateFactor = 0,

    /// <summary>Each DLLP takes its time on the wire when it is sent; only the SKP ordered sets are a fixed share.</summary>
    Real = 1,

    /// <summary>Nothing: the upper bound of what the link can carry.</summary>
    None = 2,
}
