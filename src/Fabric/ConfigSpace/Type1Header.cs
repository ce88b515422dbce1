using PcieFabric.Addressing;

namespace PcieFabric.ConfigSpaces;

/// <summary>The header of a root port or a switch port (PCIe 6.0 section 7.5.1.3).</summary>
public sealed class Type1Header : Header
{
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

    /// <summary>What the bridge passes down of I/O space; empty while I/O Space Enable is clear.</summary>
    public AddressRange IoRange(ConfigSpace space) => space[Command.IoSpaceEnable] ? Io.Range(space) : AddressRange.Empty;

    /// <summary>What the bridge passes down by the memory window; empty while Memory Space Enable is clear.</summary>
    public AddressRange MemoryRange(ConfigSpace space) => space[Command.MemorySpaceEnable] ? Memory.Range(space) : AddressRange.Empty;

    /// <inheritdoc cref="MemoryRange"/>
    public AddressRange PrefetchableRange(ConfigSpace space) => space[Command.MemorySpaceEnable] ? Prefetchable.Range(space) : AddressRange.Empty;

    /// <summary>What it passes down or keeps back besides its windows; nothing of a space whose enable is clear.</summary>
    public LegacyDecode LegacyDecode(ConfigSpace space)
    {
        var decodes = LegacyDecodes.None;
        if (space[Control.VgaEnable] && space[Command.MemorySpaceEnable]) decodes |= LegacyDecodes.VgaMemory;
        if (space[Control.VgaEnable] && space[Command.IoSpaceEnable]) decodes |= LegacyDecodes.VgaPorts;
        if (space[Control.Vga16BitDecode]) decodes |= LegacyDecodes.Vga16Bits;
        if (space[Control.IsaEnable]) decodes |= LegacyDecodes.IsaPorts;
        return new LegacyDecode(decodes);
    }
}
