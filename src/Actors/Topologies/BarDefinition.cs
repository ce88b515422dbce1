using PcieFabric.Input;

namespace PcieFabric.Topologies;

/// <summary>A base address register (PCIe 6.0 section 7.5.1.2.1).</summary>
public sealed record BarDefinition
{
    /// <summary>0 to 5; a 64-bit BAR also takes the next one.</summary>
    public required int Index { get; init; }

    /// <summary>A power of two.</summary>
    public required ulong SizeBytes { get; init; }

    public BarType Type { get; init; } = BarType.Memory64;
    public bool Prefetchable { get; init; }

    public SourceLocation? Source { get; init; }
}

/// <summary>Address space and width of a BAR.</summary>
public enum BarType
{
    Memory32,
    Memory64,
    Io,
}
