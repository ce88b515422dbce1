using System.Numerics;

namespace PcieFabric.EndpointControllers.Profiles;

/// <summary>One base address register of a controller.</summary>
public sealed record BarProfile
{
    public required BarUse Use { get; init; }

    /// <summary>Of a fixed BAR; of a reserved one that the host sees. In bytes; otherwise zero.</summary>
    public ulong SizeBytes { get; init; }

    /// <summary>The hardware cannot make it a 32-bit BAR.</summary>
    public bool Only64Bit { get; init; }

    /// <summary>What the hardware keeps in a reserved BAR: auxiliary resources, as Linux calls them.</summary>
    public IReadOnlyList<AuxiliaryResource> Resources { get; init; } = [];

    /// <summary>The size that a BAR for so many bytes has here (Linux: <c>pci_epf_alloc_space</c>); zero where they do not fit.</summary>
    public ulong SizeFor(ulong sizeBytes)
    {
        const ulong Smallest = 128, SmallestResizable = 1 << 20;
        return Use switch
        {
            BarUse.Fixed => sizeBytes <= SizeBytes ? SizeBytes : 0,
            BarUse.Resizable => BitOperations.RoundUpToPowerOf2(Math.Max(sizeBytes, SmallestResizable)),
            _ => BitOperations.RoundUpToPowerOf2(Math.Max(sizeBytes, Smallest)),
        };
    }
}

/// <summary>A part of a reserved BAR that belongs to the hardware (Linux: <c>struct pci_epc_bar_rsvd_region</c>).</summary>
/// <param name="OffsetBytes">In the BAR.</param>
public readonly record struct AuxiliaryResource(AuxiliaryResourceKind Kind, ulong OffsetBytes, ulong SizeBytes);

/// <summary>What stands in a reserved part of a BAR.</summary>
public enum AuxiliaryResourceKind : byte
{
    DmaControl,
    MsiXTable,
    MsiXPendingBits,
}
