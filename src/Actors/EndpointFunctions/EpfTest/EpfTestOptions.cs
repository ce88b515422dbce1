using PcieFabric.EndpointControllers;

namespace PcieFabric.EndpointFunctions.EpfTests;

/// <summary>What configfs would say of a test function.</summary>
public sealed record EpfTestOptions
{
    /// <summary>Of a BAR: two parts of 2 KiB for the test of subranges, and what the kernel's function has at most by itself.</summary>
    public const int LeastBarBytes = 4 << 10, MostBarBytes = 1 << 20;

    public required ControllerHeader Header { get; init; }

    /// <summary>1 to 32. The kernel's tests want all.</summary>
    public int MsiInterrupts { get; init; } = 32;

    /// <summary>1 to 2048. The kernel's tests want all.</summary>
    public int MsiXInterrupts { get; init; } = 2048;

    /// <summary>By index, in bytes; that of the register BAR follows from the interrupts.</summary>
    public IReadOnlyList<ulong> BarSizes { get; init; } = [128 << 10, 128 << 10, 128 << 10, 128 << 10, 128 << 10, 1 << 20];
}
