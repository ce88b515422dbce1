using PcieFabric.ConfigSpaces.Capabilities;
using PcieFabric.Input;

namespace PcieFabric.RootComplexes.Enumeration;

/// <summary>What host software has to give to a hierarchy, and how it sets the functions up.</summary>
public sealed record EnumeratorOptions
{
    private const ulong FourGiB = 1ul << 32;

    /// <summary>Bus addresses below 4 GiB for memory BARs.</summary>
    public required AddressRange Memory { get; init; }

    /// <summary>Bus addresses for 64-bit prefetchable BARs; usually above 4 GiB. Empty: they share <see cref="Memory"/>.</summary>
    public AddressRange PrefetchableMemory { get; init; }

    /// <summary>Empty: there is no I/O space, and an I/O BAR is an error.</summary>
    public AddressRange Io { get; init; }

    /// <summary>The root bus, 0 to 255.</summary>
    public int FirstBus { get; init; }

    /// <summary>Not below <see cref="FirstBus"/>; 255 is the last of a segment.</summary>
    public int LastBus { get; init; } = 255;

    /// <summary>Set Max_Payload_Size to the smallest that is supported along each hierarchy below a root port; otherwise leave it.</summary>
    public bool TuneMaxPayloadSize { get; init; } = true;

    /// <summary>Bytes, 128 to 4096, for every function; null leaves the reset value.</summary>
    public int? MaxReadRequestSize { get; init; }

    /// <summary>Memory Space Enable and I/O Space Enable in functions that have such BARs or windows.</summary>
    public bool EnableDecode { get; init; } = true;

    public bool EnableBusMaster { get; init; } = true;

    /// <summary>ARI Forwarding where the port above and the device below have it (PCIe 6.0 section 6.13).</summary>
    public bool EnableAriForwarding { get; init; } = true;

    /// <summary>8-bit tags where supported.</summary>
    public bool EnableExtendedTags { get; init; } = true;

    /// <summary>10-bit tags in requesters below a root port where every function is a 10-bit completer (PCIe 6.0 section 2.2.6.2).</summary>
    public bool EnableTenBitTags { get; init; } = true;

    public bool EnableRelaxedOrdering { get; init; } = true;

    public bool EnableNoSnoop { get; init; } = true;

    /// <summary>Device Control's four enables; any of them also sets SERR# Enable, with which bridges pass error messages up.</summary>
    public ErrorReporting ErrorReporting { get; init; } = ErrorReporting.All;

    /// <summary>Keep bus numbers and addresses for all the VFs that SR-IOV functions can have.</summary>
    public bool ReserveVirtualFunctions { get; init; } = true;

    /// <summary>
    /// VFs to enable in each function with SR-IOV; as many as it has, if it has fewer. None unless said otherwise: what uses them enables them, by
    /// <see cref="Enumerator.EnableVirtualFunctionsAsync"/>.
    /// </summary>
    public int VirtualFunctions { get; init; }

    /// <summary>Called for each function found, with the number found so far.</summary>
    public Action<int>? Progress { get; init; }

    /// <exception cref="InputException">A range or a number that no hierarchy can have.</exception>
    internal void Validate()
    {
        if (FirstBus is < 0 or > 255 || LastBus is < 0 or > 255 || LastBus < FirstBus)
            throw new InputException($"buses {FirstBus} to {LastBus} are no range of bus numbers", "0 to 255, the first not above the last");
        if (VirtualFunctions < 0 || (VirtualFunctions > 0 && !ReserveVirtualFunctions))
            throw new InputException($"{VirtualFunctions} VFs cannot be enabled", "0 or more; without addresses reserved for them, 0");
        Below4GiB(Memory, "memory");
        Below4GiB(Io, "I/O");
        if (!PrefetchableMemory.IsEmpty && PrefetchableMemory.Last < PrefetchableMemory.Base)
            throw new InputException($"the prefetchable memory window at 0x{PrefetchableMemory.Base:x} runs past the last address", "make it smaller");
        if (Memory.Overlaps(PrefetchableMemory))
            throw new InputException($"the memory window {Memory} and the prefetchable one {PrefetchableMemory} overlap", "put the prefetchable window above 4 GiB");
        if (MaxReadRequestSize is { } bytes) PayloadSize.Encode(bytes);
    }

    private static void Below4GiB(AddressRange range, string name)
    {
        if (range.Base > FourGiB || range.Size > FourGiB - range.Base)
            throw new InputException($"the {name} window, 0x{range.Size:x} bytes at 0x{range.Base:x}, does not end below 4 GiB", "only the prefetchable window may be above");
    }
}
