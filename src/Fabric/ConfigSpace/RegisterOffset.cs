namespace PcieFabric.ConfigSpaces;

/// <summary>Where a DW stands in configuration space, in bytes: 0 to 4092, a multiple of four (PCIe 6.0 section 7.2).</summary>
public readonly record struct RegisterOffset
{
    public RegisterOffset(int value)
    {
        if ((value & ~(Limits.ConfigSpaceBytes - 4)) != 0) ThrowNotADword(value);
        Value = (ushort)value;
    }

    public ushort Value { get; }

    /// <summary>Which DW of configuration space, 0 to 1023.</summary>
    public int Dword => Value >> 2;

    public override string ToString() => $"0x{Value:x3}";

    private static void ThrowNotADword(int value) =>
        throw new ArgumentOutOfRangeException(nameof(value), value, "a register offset is a multiple of four, 0 to 4092");
}
