using PcieFabric.Gateways;

namespace PcieFabric.VfioUser.Live;

/// <summary>How a fabric is run for guests.</summary>
public sealed record LiveOptions
{
    public ulong Seed { get; init; } = 1;

    public AttachMode Mode { get; init; }

    /// <summary>Where to record the session; null for nowhere.</summary>
    public string? Journal { get; init; }

    /// <summary>Values that were set over the topology.</summary>
    public IReadOnlyList<Documents.Override> Overrides { get; init; } = [];
}
