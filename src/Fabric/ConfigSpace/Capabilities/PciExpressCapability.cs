using PcieFabric.Input;

namespace PcieFabric.ConfigSpaces.Capabilities;

/// <summary>PCI Express Capability, version 2 (PCIe 6.0 section 7.5.3): the same 60 bytes for every type of port, of which each implements its part.</summary>
public sealed class PciExpressCapability : StandardCapability
{
    /// <exception cref="InputException">An option says what no device can be.</exception>
    public PciExpressCapability(PortType type, PciExpressOptions? options = null)
        : base("PCI Express", CapabilityId.PciExpress)
    {
        Options = options ?? new PciExpressOptions();
        Validate(type, Options);
        Type = type;
        var capabilities = Word(0x02, "PCI Express Capabilities");
        capabilities.Field(3, 0, "Capability Version", Access.ReadOnly, 2);
        capabilities.Field(7, 4, "Device/Port Type", Access.ReadOnly, (uint)type);
        capabilities.Flag(8, "Slot Implemented", Access.ReadOnly, Options.Slot is not null);
        capabilities.Field(13, 9, "Interrupt Message Number", Access.ReadOnly);
        Device = new PciExpressDevice(this);
        if (type.HasLink()) Link = new PciExpressLink(this);
        if (Options.Slot is { } slot) Slot = new PciExpressSlot(this, slot);
        if (type == PortType.RootPort) Root = new PciExpressRoot(this);
        Word(0x3A, "Slot Status 2").Whole(Access.ReadOnly);
    }

    public PortType Type { get; }
    public PciExpressOptions Options { get; }
    public PciExpressDevice Device { get; }

    /// <summary>Null in an endpoint that is integrated into the root complex.</summary>
    public PciExpressLink? Link { get; }

    public PciExpressSlot? Slot { get; }

    /// <summary>Root ports only.</summary>
    public PciExpressRoot? Root { get; }

    private static void Validate(PortType type, PciExpressOptions options)
    {
        if (options.MaxLinkSpeed is < 1 or > 6) throw new InputException($"link speed {options.MaxLinkSpeed} does not exist", "1 (2.5 GT/s) to 6 (64 GT/s)");
        if (options.MaxLinkWidth is not (1 or 2 or 4 or 8 or 12 or 16 or 32)) throw new InputException($"a link has no {options.MaxLinkWidth} lanes", "1, 2, 4, 8, 12, 16 or 32");
        PayloadSize.Encode(options.MaxPayloadSizeSupported);
        if (options.Slot is not null && !type.IsDownstream()) throw new InputException($"a slot hangs on a root port or a downstream switch port, not on {type}", "leave the slot out");
        if (options.Slot is { PowerLimitWatts: < 0 or > 239 }) throw new InputException($"a slot power limit of {options.Slot.PowerLimitWatts} W cannot be expressed", "0 to 239 W");
    }
}
