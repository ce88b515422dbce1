namespace PcieFabric.HostDrivers;

/// <summary>An entry of the device table of Linux's <c>pci_endpoint_test</c>.</summary>
/// <param name="RegisterBar">Where the test registers are.</param>
/// <param name="AlignmentBytes">Of buffers that the endpoint reads and writes; 1 where the entry says nothing.</param>
public sealed record EndpointTestDevice(ushort VendorId, ushort DeviceId, int RegisterBar = 0, int AlignmentBytes = 1)
{
    private const ushort TexasInstruments = 0x104C, Freescale = 0x1957, Synopsys = 0x16C3, Renesas = 0x1912, Rockchip = 0x1D87, Nvidia = 0x10DE;
    private const ushort Am654 = 0xB00C;

    public static readonly IReadOnlyList<EndpointTestDevice> Known =
    [
        new(TexasInstruments, 0xB500, AlignmentBytes: 4096),
        new(TexasInstruments, 0xB501, AlignmentBytes: 4096),
        new(Freescale, 0x81C0, AlignmentBytes: 4096),
        new(Freescale, 0x0808),
        new(Freescale, 0x80C0, AlignmentBytes: 4096),
        new(Synopsys, 0xEDDA),
        new(TexasInstruments, Am654, RegisterBar: 2, AlignmentBytes: 65536),
        new(Renesas, 0x0028),
        new(Renesas, 0x002B),
        new(Renesas, 0x002D),
        new(Renesas, 0x0025),
        new(Renesas, 0x0031, AlignmentBytes: 4096),
        new(TexasInstruments, 0xB00D, AlignmentBytes: 256),
        new(TexasInstruments, 0xB00F, AlignmentBytes: 256),
        new(TexasInstruments, 0xB010, AlignmentBytes: 256),
        new(TexasInstruments, 0xB013, AlignmentBytes: 256),
        new(Rockchip, 0x3588, AlignmentBytes: 65536),
        new(Nvidia, 0x1AD4),
        new(Nvidia, 0x229B),
    ];

    /// <summary>The driver refuses BAR 0 of this one by name.</summary>
    public bool IsAm654 => (VendorId, DeviceId) == (TexasInstruments, Am654);

    /// <returns>Null where the driver does not know the ids.</returns>
    public static EndpointTestDevice? Find(ushort vendorId, ushort deviceId) => Known.FirstOrDefault(entry => (entry.VendorId, entry.DeviceId) == (vendorId, deviceId));
}
