using PcieFabric.Addressing;

namespace PcieFabric.ConfigSpaces;

/// <summary>The header of a root port or a switch port (PCIe 6.0 section 7.5.1.3).</summary>
public sealed class Type1Header : Header
{
    private const uint IsaSpaceBytes = 0x10000;

    private static readonly AddressRange VgaFrameBuffer = new(0xA0000, 0x20000);

    /// <param name="identity">The subsystem is ignored: a bridge says it in a Subsystem ID capability.</param>
    /// <exception cref="Input.InputException">A BAR or the ROM cannot be.</exception>
    public Type1Header(
        FunctionIdentity identity,
        IEnumerable<BarDefinition> bars,
        WindowKind ioWindow = WindowKind.Wide,
        WindowKind prefetchableWindow = WindowKind.Wide,
        ulong expansionRomSize = 0)
        : base("Type 1 Header", 1, identity, bars, 2, 0x38, expansionRomSize)
    {
        PrimaryBus = Byte(0x18, "Primary Bus Number", Concerns.BusNumbers).Whole(Access.ReadWrite);
        SecondaryBus = Byte(0x19, "Secondary Bus Number", Concerns.BusNumbers).Whole(Access.ReadWrite);
        SubordinateBus = Byte(0x1A, "Subordinate Bus Number", Concerns.BusNumbers).Whole(Access.ReadWrite);
        SecondaryStatus = new StatusRegister(Word(0x1E, "Secondary Status"), "Received System Error");
        Io = BridgeWindow.Io(this, ioWindow);
        Memory = BridgeWindow.Memory(this);
        Prefetchable = BridgeWindow.Prefetchable(this, prefetchableWindow);
        Control = new BridgeControlRegister(this);
    }

    public RegisterField PrimaryBus { get; }
    public RegisterField SecondaryBus { get; }
    public RegisterField SubordinateBus { get; }
    public StatusRegister SecondaryStatus { get; }
    public BridgeWindow Io { get; }
    public BridgeWindow Memory { get; }
    public BridgeWindow Prefetchable { get; }
    public BridgeControlRegister Control { get; }

    /// <summary>A configuration request for the bus goes to the secondary side. False for every bus until software has numbered them.</summary>
    public bool ForwardsBus(ConfigSpace space, int bus) =>
        space[SecondaryBus] != 0 && bus >= space[SecondaryBus] && bus <= space[SubordinateBus];

    /// <summary>What the bridge passes down of I/O space; empty while I/O Space Enable is clear.</summary>
    public AddressRange IoRange(ConfigSpace space) => space[Command.IoSpaceEnable] ? Io.Range(space) : AddressRange.Empty;

    /// <summary>What the bridge passes down by the memory window; empty while Memory Space Enable is clear.</summary>
    public AddressRange MemoryRange(ConfigSpace space) => space[Command.MemorySpaceEnable] ? Memory.Range(space) : AddressRange.Empty;

    /// <inheritdoc cref="MemoryRange"/>
    public AddressRange PrefetchableRange(ConfigSpace space) => space[Command.MemorySpaceEnable] ? Prefetchable.Range(space) : AddressRange.Empty;

    /// <summary>A memory request for the address goes to the secondary side: by a window, or as VGA's frame buffer.</summary>
    public bool ForwardsMemory(ConfigSpace space, ulong address) =>
        MemoryRange(space).Contains(address)
        || PrefetchableRange(space).Contains(address)
        || (VgaFrameBuffer.Contains(address) && space[Control.VgaEnable] && space[Command.MemorySpaceEnable]);

    /// <summary>An I/O request for the address goes to the secondary side: by the window, less what ISA Enable keeps back, or as one of VGA's ports.</summary>
    public bool ForwardsIo(ConfigSpace space, uint address)
    {
        if (!space[Command.IoSpaceEnable]) return false;
        if (space[Control.VgaEnable] && IsVgaPort(space, address)) return true;
        // ISA cards decode ten bits, and own the upper 768 bytes of each KiB (PCIe 6.0 section 7.5.1.3.13).
        var belongsToIsa = address < IsaSpaceBytes && (address & 0x300) != 0 && space[Control.IsaEnable];
        return !belongsToIsa && Io.Range(space).Contains(address);
    }

    private bool IsVgaPort(ConfigSpace space, uint address)
    {
        if (address >= IsaSpaceBytes) return false;
        var port = space[Control.Vga16BitDecode] ? address : address & 0x3FF;
        return port is (>= 0x3B0 and <= 0x3BB) or (>= 0x3C0 and <= 0x3DF);
    }
}
