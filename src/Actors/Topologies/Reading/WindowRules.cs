using PcieFabric.Addressing;
using PcieFabric.Input;
using PcieFabric.Units;

namespace PcieFabric.Topologies.Reading;

/// <summary>What the address windows and segments of one host must agree on.</summary>
internal static class WindowRules
{
    /// <summary>PCs have their interrupt controllers between here and 4 GiB; an MSI is a write to 0xFEExxxxx.</summary>
    private const ulong InterruptBase = 0xFEC0_0000;

    /// <summary>Bridges decode memory in steps of 1 MiB and I/O space in steps of 4 KiB (PCIe 6.0 section 7.5.1.3).</summary>
    private const ulong MemoryStep = 1 << 20;
    private const ulong IoStep = 1 << 12;

    /// <exception cref="InputException">Located at the window or segment as it was written.</exception>
    public static void Check(RootComplexDefinition rootComplex, HostDefinition host, RootComplexDraft written, IReadOnlyList<RootComplexDefinition> others)
    {
        var at = rootComplex.Source;
        Inside("memory-window", rootComplex.MemoryWindow, HostDefinition.MemoryHoleBase, InterruptBase, MemoryStep, written.MemoryWindow?.At ?? at);
        Inside("prefetchable-window", rootComplex.PrefetchableWindow, HostDefinition.HighMemoryBase, 1UL << 52, MemoryStep, written.PrefetchableWindow?.At ?? at);
        Inside("io-window", rootComplex.IoWindow, 0, 1 << 16, IoStep, written.IoWindow?.At ?? at);
        var high = host.MemoryBytes > HostDefinition.MemoryHoleBase
            ? new AddressRange(HostDefinition.HighMemoryBase, host.MemoryBytes - HostDefinition.MemoryHoleBase)
            : AddressRange.Empty;
        if (rootComplex.PrefetchableWindow.Overlaps(high))
        {
            throw new InputException($"'prefetchable-window' {rootComplex.PrefetchableWindow} overlaps the host's memory {high}",
                $"{new Quantity(host.MemoryBytes, Dimension.Size)} of memory reach beyond 4 GiB; move the window above 0x{high.Last:x}", written.PrefetchableWindow?.At ?? at);
        }
        foreach (var other in others)
        {
            if (other.Segment == rootComplex.Segment)
                throw new InputException($"root complexes '{other.Name}' and '{rootComplex.Name}' are both segment {other.Segment}", "each segment has a number of its own", written.Segment?.At ?? at);
            Apart("memory-window", rootComplex.MemoryWindow, other.MemoryWindow, other.Name, written.MemoryWindow?.At ?? at);
            Apart("prefetchable-window", rootComplex.PrefetchableWindow, other.PrefetchableWindow, other.Name, written.PrefetchableWindow?.At ?? at);
            Apart("io-window", rootComplex.IoWindow, other.IoWindow, other.Name, written.IoWindow?.At ?? at);
        }
    }

    private static void Inside(string name, AddressRange window, ulong least, ulong end, ulong step, SourceLocation? at)
    {
        if (window.Base % step != 0 || window.Size % step != 0)
            throw new InputException($"'{name}' {window} is not aligned to {new Quantity(step, Dimension.Size)}", "bridges decode in such steps", at);
        if (window.Base < least || window.Base > end || window.Size > end - window.Base)
            throw new InputException($"'{name}' {window} is not within {new AddressRange(least, end - least)}", null, at);
    }

    private static void Apart(string name, AddressRange window, AddressRange other, string otherName, SourceLocation? at)
    {
        if (window.Overlaps(other))
            throw new InputException($"'{name}' {window} overlaps that of root complex '{otherName}'", $"it has {other}", at);
    }
}
