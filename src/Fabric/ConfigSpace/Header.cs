using PcieFabric.Input;

namespace PcieFabric.ConfigSpaces;

/// <summary>The first 64 bytes: what both header types share (PCIe 6.0 section 7.5.1.1).</summary>
public abstract class Header : RegisterBlock
{
    /// <summary>What Vendor ID and Device ID of a virtual function read, so that no scan finds it (PCIe 6.0 section 9.3.4.1).</summary>
    private const uint NoId = 0xFFFF;

    private readonly RegisterField _capabilitiesPointer;

    private protected Header(string name, int type, FunctionIdentity identity, IEnumerable<BarDefinition> bars, int barRegisters, int romOffset, ulong expansionRomSize, bool isVirtual = false)
        : base(name)
    {
        if (identity.ClassCode > 0xFFFFFF) throw new InputException($"class code 0x{identity.ClassCode:x} has more than 24 bits", "base class, sub-class and programming interface: 0x010802");
        Identity = identity;
        Word(0x00, "Vendor ID").Whole(Access.ReadOnly, isVirtual ? NoId : identity.VendorId);
        Word(0x02, "Device ID").Whole(Access.ReadOnly, isVirtual ? NoId : identity.DeviceId);
        Command = new CommandRegister(this, isVirtual);
        Status = new PrimaryStatusRegister(Word(0x06, "Status"));
        Byte(0x08, "Revision ID").Whole(Access.ReadOnly, identity.RevisionId);
        Byte(0x09, "Programming Interface").Whole(Access.ReadOnly, identity.ClassCode & 0xFF);
        Word(0x0A, "Class Code").Whole(Access.ReadOnly, identity.ClassCode >> 8);
        CacheLineSize = Byte(0x0C, "Cache Line Size").Whole(isVirtual ? Access.ReadOnly : Access.ReadWrite);
        var headerType = Byte(0x0E, "Header Type");
        headerType.Field(6, 0, "Header Layout", Access.ReadOnly, (uint)type);
        MultiFunction = headerType.Flag(7, "Multi-Function Device", Access.HardwareInitialized);
        _capabilitiesPointer = Byte(0x34, "Capabilities Pointer").Whole(Access.ReadOnly);
        InterruptLine = Byte(0x3C, "Interrupt Line").Whole(isVirtual ? Access.ReadOnly : Access.ReadWrite);
        InterruptPin = Byte(0x3D, "Interrupt Pin").Whole(Access.HardwareInitialized);
        BarArray =
        [
            .. BarDefinition.Arrange(bars, barRegisters)
                .Select(bar => new BaseAddressRegister(this, 0x10 + 4 * bar.Index, $"Base Address Register {bar.Index}", bar)),
        ];
        if (expansionRomSize != 0) ExpansionRom = new ExpansionRomRegister(this, romOffset, expansionRomSize);
    }

    public FunctionIdentity Identity { get; }
    public CommandRegister Command { get; }
    public PrimaryStatusRegister Status { get; }
    public RegisterField CacheLineSize { get; }

    /// <summary>Other functions may stand beside this one.</summary>
    public Flag MultiFunction { get; }

    /// <summary>Software's own note; the hardware makes nothing of it.</summary>
    public RegisterField InterruptLine { get; }

    /// <summary>1 for INTA to 4 for INTD; 0 for none.</summary>
    public RegisterField InterruptPin { get; }

    /// <summary>In the order of their indices.</summary>
    public IReadOnlyList<BaseAddressRegister> Bars => BarArray;

    public ExpansionRomRegister? ExpansionRom { get; }

    /// <summary>Without the enumerator that an interface would allocate on hot paths.</summary>
    internal BaseAddressRegister[] BarArray { get; }

    internal void LinkCapabilities(int first) => _capabilitiesPointer.SetReset((uint)first);
}
