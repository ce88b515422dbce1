using PcieFabric.ConfigSpaces;
using PcieFabric.ConfigSpaces.Capabilities;

namespace PcieFabric.VfioUser.Live;

/// <summary>
/// The function that stands for a whole hierarchy: a Volume Management Device, from which Linux's own driver (<c>drivers/pci/controller/vmd.c</c>) makes a PCI domain. The device ID is one whose functions interrupt without its help,
/// and of which QEMU has no quirk that reads BARs at start.
/// </summary>
internal static class VmdFunction
{
    /// <summary>Buses of the domain, each a MiB of <see cref="EcamBar"/>.</summary>
    public const int Buses = 32;

    public const int EcamBar = 0, FirstWindowBar = 2, SecondWindowBar = 4;

    public const ulong EcamBytes = (ulong)Buses << BusShift;

    /// <summary>Below 4 GiB in a guest, so that it takes BARs of 32 bits.</summary>
    public const ulong FirstWindowBytes = 128 << 20;

    /// <summary>The driver leaves out what comes first: the MSI-X table and pending bits, and where other devices have shadows of addresses.</summary>
    public const ulong SecondWindowBytes = 1ul << 30;

    /// <summary>Where the domain's part of the second window starts (MB2_SHADOW_OFFSET and MB2_SHADOW_SIZE of the driver).</summary>
    public const ulong SecondWindowStart = 0x2010;

    public const int MsiXVectors = 19;

    public const int BusShift = 20, FunctionShift = 12;

    /// <summary>VMCAP at 0x40, VMCONFIG at 0x44 and VMLOCK at 0x70 are registers of the device's own, so that capabilities come behind them.</summary>
    private const int FirstCapability = 0x80;

    /// <summary>Vendor 8086, device 28c0, a RAID controller.</summary>
    private static readonly FunctionIdentity Identity = new(0x8086, 0x28C0, 0x010400, 0x04, 0x8086, 0x0000);

    public static ConfigSpace Create() => new(new ConfigSpaceLayout(
        new Type0Header(Identity,
        [
            BarDefinition.Memory64(EcamBar, EcamBytes, prefetchable: true),
            BarDefinition.Memory32(FirstWindowBar, FirstWindowBytes),
            BarDefinition.Memory64(SecondWindowBar, SecondWindowBytes, prefetchable: true),
        ]),
        [new MsiXCapability(MsiXVectors, SecondWindowBar, tableOffset: 0, pendingOffset: 0x1000), new PciExpressCapability(PortType.RootComplexIntegratedEndpoint)],
        FirstCapability));
}
