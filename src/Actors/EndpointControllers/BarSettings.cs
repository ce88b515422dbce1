namespace PcieFabric.EndpointControllers;

/// <summary>A BAR as a function wants it (Linux: <c>struct pci_epf_bar</c>).</summary>
/// <param name="Bar">0 to 5.</param>
/// <param name="LocalAddress">What is behind it; ignored where <paramref name="Subranges"/> say it part by part.</param>
/// <param name="Subranges">From the start of the BAR on, without a gap; none for a BAR that is mapped whole.</param>
public sealed record BarSettings(int Bar, ulong LocalAddress, ulong SizeBytes, BarFlags Flags = BarFlags.None, IReadOnlyList<BarSubrange>? Subranges = null);

/// <summary>One part of a BAR.</summary>
public readonly record struct BarSubrange(ulong LocalAddress, ulong SizeBytes)
{
    /// <summary>A local address at which nothing is: what the host asks of it is an unsupported request.</summary>
    public const ulong Nowhere = 1ul << 63;
}

/// <summary>Bits of the register itself.</summary>
[Flags]
public enum BarFlags : byte
{
    None = 0,
    Memory64 = 1,
    Prefetchable = 2,
}
