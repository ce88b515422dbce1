namespace PcieFabric.EndpointControllers;

/// <summary>What a controller did. To be read when the engine stands still.</summary>
public sealed class EndpointControllerCounters
{
    public long Operations { get; set; }

    /// <summary>Operations that it refused.</summary>
    public long Refusals { get; set; }

    /// <summary>Accesses of its processor to no window.</summary>
    public long OutsideWindows { get; set; }

    /// <summary>Events told to software.</summary>
    public long Events { get; set; }
}
