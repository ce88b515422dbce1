namespace PcieFabric.ConfigSpaces;

/// <summary>
/// One field of a register: the only place that says where it is, how software reaches it and what it holds after
/// reset. It is also the handle by which its owner reads and sets it in a <see cref="ConfigSpace"/>.
/// </summary>
public class RegisterField
{
    internal RegisterField(Register register, int high, int low, string name, Access access, uint reset, ResetKind? survives)
    {
        (Register, High, Low, Name, Access) = (register, high, low, name, access);
        if (low < 0 || high < low || high >= register.Bits) throw new InvalidOperationException($"{this}: bits {high}:{low} are not in a register of {register.Bits} bits");
        if (access is Access.Trigger && reset != 0) throw new InvalidOperationException($"{this}: a trigger reads zero");
        WidthMask = uint.MaxValue >> (31 - high + low);
        Shift = (register.Offset & 3) * 8 + low;
        Reset = Fit(reset);
        Survives = survives ?? access switch
        {
            Access.HardwareInitialized => ResetKind.Cold,
            Access.StatusSticky or Access.ReadWriteSticky or Access.WriteOneToClearSticky => ResetKind.Conventional,
            _ => null,
        };
    }

    public Register Register { get; }
    public string Name { get; }
    public Access Access { get; }

    /// <summary>Highest and lowest bit in the register, as the specification counts them.</summary>
    public int High { get; }

    /// <inheritdoc cref="High"/>
    public int Low { get; }

    /// <summary>Value after a reset, counted from the field's lowest bit.</summary>
    public uint Reset { get; private set; }

    /// <summary>The furthest reaching reset that leaves the field alone; null if each resets it.</summary>
    public ResetKind? Survives { get; }

    /// <summary>All ones over the field's width, from bit 0.</summary>
    public uint WidthMask { get; }

    /// <summary>The field's bits in its DW.</summary>
    public uint Mask => WidthMask << Shift;

    internal int Shift { get; }
    internal int Dword => (Register.Block.Offset + Register.Offset) >> 2;

    /// <summary>Where a function keeps the DW; negative if every function of the layout has the same one.</summary>
    internal int Slot { get; private set; } = ConfigSpaceLayout.NoSlot;

    internal ConfigSpaceLayout? Layout { get; private set; }

    /// <summary>The field's value in a DW that was read at its offset.</summary>
    public uint In(uint dword) => (dword >> Shift) & WidthMask;

    internal void Resolve(ConfigSpaceLayout layout, int slot) => (Layout, Slot) = (layout, slot);

    /// <summary>For values that only the finished layout knows: links of the capability lists.</summary>
    internal void SetReset(uint value) => Reset = Fit(value);

    private uint Fit(uint value) => (value & ~WidthMask) == 0
        ? value
        : throw new InvalidOperationException($"{this}: 0x{value:x} does not fit into bits {High}:{Low}");

    public override string ToString() => $"{Register.Block.Name}: {Register.Name}: {Name}";
}
