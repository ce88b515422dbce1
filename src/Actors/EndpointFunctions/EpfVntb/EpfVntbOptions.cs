using PcieFabric.Doorbells;
using PcieFabric.EndpointControllers;

namespace PcieFabric.EndpointFunctions.EpfVntbs;

/// <summary>What configfs would say of a virtual NTB.</summary>
public sealed record EpfVntbOptions
{
    public required ControllerHeader Header { get; init; }

    /// <summary>Of the memory windows, one to <see cref="Limits.MaxVntbWindows"/>, in bytes: powers of two. A BAR that has a size of its own overrides.</summary>
    public IReadOnlyList<ulong> WindowBytes { get; init; } = [1 << 20];

    /// <summary>The two that are none, and two doorbells: with fewer the host's driver does not start.</summary>
    public const int LeastDoorbellSlots = 4;

    /// <summary>As Linux counts them: the first two slots are no doorbells.</summary>
    public int DoorbellSlots { get; init; } = 16;

    /// <summary>How the host's writes are heard; null for interrupts where the endpoint has an interrupt controller for it, and polling elsewhere.</summary>
    public DoorbellKind? Doorbells { get; init; }

    /// <summary>Of each side.</summary>
    public int Scratchpads { get; init; } = 64;

    /// <summary>How often the processor looks at commands, and at doorbells that are polled.</summary>
    public SimTime PollInterval { get; init; } = SimTime.FromMilliseconds(5);
}
