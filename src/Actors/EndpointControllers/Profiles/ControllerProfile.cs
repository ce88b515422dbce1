using PcieFabric.Input;

namespace PcieFabric.EndpointControllers.Profiles;

/// <summary>What one kind of endpoint controller can and cannot do. Functions read it as features; the controller refuses the rest.</summary>
public sealed record ControllerProfile
{
    public const int BarCount = 6;

    public required string Name { get; init; }

    /// <summary>For people.</summary>
    public string Description { get; init; } = "";

    /// <summary>Device tree names of the hardware.</summary>
    public IReadOnlyList<string> Compatible { get; init; } = [];

    /// <summary>Ids by which the host's <c>pci_endpoint_test</c> knows a card with this controller.</summary>
    public required ushort VendorId { get; init; }

    /// <inheritdoc cref="VendorId"/>
    public required ushort DeviceId { get; init; }

    public required InterruptProfile Interrupts { get; init; }

    /// <summary>Functions are told when the link comes up and goes down.</summary>
    public bool NotifiesLinkUp { get; init; }

    public required InboundProfile Inbound { get; init; }

    public required OutboundProfile Outbound { get; init; }

    /// <summary>Physical functions.</summary>
    public int MaxFunctions { get; init; } = 1;

    /// <summary>Null where it has none.</summary>
    public VirtualFunctionProfile? VirtualFunctions { get; init; }

    /// <summary>Virtual functions of each function (Linux: <c>max_vfs</c>).</summary>
    public int MaxVirtualFunctions => VirtualFunctions?.Count ?? 0;

    /// <summary>The features that software of a virtual function sees; no virtual function can raise INTx (PCIe 6.0 section 9.5.1.1).</summary>
    public ControllerProfile OfVirtualFunction
    {
        get
        {
            var features = VirtualFunctions?.Features is { } name ? ControllerProfiles.Find(name)! with { VendorId = VendorId, DeviceId = DeviceId } : this;
            return features with { Interrupts = features.Interrupts with { Intx = IntxSupport.None } };
        }
    }

    public DmaProfile Dma { get; init; } = DmaProfile.None;

    /// <summary>Null where the endpoint has none that the host's writes reach.</summary>
    public InterruptControllerProfile? InterruptController { get; init; }

    /// <summary>The reserved BAR, and the place in it, where the hardware shows the registers of its DMA engine; null where it does not.</summary>
    public (int Bar, ulong Offset)? ShownDma
    {
        get
        {
            for (var bar = 0; bar < BarCount; bar++)
                foreach (var resource in Bars[bar].Resources)
                    if (resource.Kind == AuxiliaryResourceKind.DmaControl) return (bar, resource.OffsetBytes);
            return null;
        }
    }

    /// <summary>By index, <see cref="BarCount"/> of them.</summary>
    public required IReadOnlyList<BarProfile> Bars { get; init; }

    public SourceLocation? Source { get; init; }

    /// <summary>
    /// The first BAR from <paramref name="bar"/> on that a function may use, by the rule of Linux's <c>pci_epc_get_next_free_bar</c>: only
    /// the upper half of a BAR that is 64-bit only is passed over, and only where the search starts. That of a reserved BAR counts as free.
    /// </summary>
    /// <returns>-1 where there is none.</returns>
    public int NextFreeBar(int bar = 0)
    {
        if (bar > 0 && bar < BarCount && Bars[bar - 1].Only64Bit) bar++;
        for (; bar < BarCount; bar++)
            if (Bars[bar].Use is not (BarUse.Reserved or BarUse.Disabled))
                return bar;
        return -1;
    }
}

/// <summary>The virtual functions of a controller.</summary>
/// <param name="Count">Of each function at most.</param>
/// <param name="Features">The profile that says what they can do, by name; null where that is what functions can do.</param>
public sealed record VirtualFunctionProfile(int Count, string? Features);

/// <summary>How BARs are translated to local addresses.</summary>
/// <param name="Windows">Translations at a time: one for a BAR that is mapped whole, one for each part of another.</param>
/// <param name="IsDynamic">A BAR can be mapped anew while the host uses it (Linux: <c>dynamic_inbound_mapping</c>).</param>
/// <param name="HasSubranges">A BAR can be mapped in parts (Linux: <c>subrange_mapping</c>).</param>
/// <param name="AlignmentBytes">Of local addresses and of parts, a power of two; 1 for none.</param>
public sealed record InboundProfile(int Windows, bool IsDynamic, bool HasSubranges, ulong AlignmentBytes);

/// <summary>How local addresses are translated to bus addresses.</summary>
/// <param name="Windows">Translations at a time.</param>
/// <param name="PageBytes">Windows start at multiples of it, on both sides, and are a whole number of them long.</param>
/// <param name="LargestBytes">Of one window.</param>
/// <param name="AlignsAddresses">The driver tells how to align a bus address (Linux: <c>align_addr</c>), so software can reach any.</param>
public sealed record OutboundProfile(int Windows, ulong PageBytes, ulong LargestBytes, bool AlignsAddresses);
