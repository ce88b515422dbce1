using PcieFabric.ConfigSpaces.Capabilities;

namespace PcieFabric.RootComplexes.Enumeration;

/// <summary>A function's PCI Express capability after enumeration (PCIe 6.0 section 7.5.3).</summary>
public sealed record EnumeratedPciExpress
{
    private readonly uint _linkCapabilities;
    private readonly ushort _linkStatus;

    internal EnumeratedPciExpress(PciExpressRegisters registers)
    {
        PortType = registers.PortType;
        MaxPayloadSupported = registers.MaxPayloadSupported;
        MaxPayload = registers.MaxPayload;
        MaxReadRequest = registers.MaxReadRequest;
        TagBits = registers.TagBits;
        AriForwarding = registers.AriForwardingEnabled;
        _linkCapabilities = registers.LinkCapabilities;
        _linkStatus = registers.LinkStatus;
    }

    public PortType PortType { get; }

    /// <summary>In bytes.</summary>
    public int MaxPayloadSupported { get; }

    /// <summary>In bytes.</summary>
    public int MaxPayload { get; }

    /// <summary>In bytes.</summary>
    public int MaxReadRequest { get; }

    /// <summary>5, 8 or 10.</summary>
    public int TagBits { get; }

    /// <summary>The port passes on requests to functions 8 to 255.</summary>
    public bool AriForwarding { get; }

    /// <summary>1 (2.5 GT/s) to 6 (64 GT/s); 0 where there is no link.</summary>
    public int MaxLinkSpeed => (int)(_linkCapabilities & 15);

    /// <summary>Lanes; 0 where there is no link.</summary>
    public int MaxLinkWidth => (int)(_linkCapabilities >> 4 & 63);

    public int PortNumber => (int)(_linkCapabilities >> 24);

    /// <inheritdoc cref="MaxLinkSpeed"/>
    public int LinkSpeed => _linkStatus & 15;

    /// <inheritdoc cref="MaxLinkWidth"/>
    public int LinkWidth => _linkStatus >> 4 & 63;
}
