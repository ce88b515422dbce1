namespace PcieFabric.ConfigSpaces;

/// <summary>A register of 8, 16 or 32 bits, declared field by field with the bit numbers that the specification uses.</summary>
public sealed class Register
{
    private readonly List<RegisterField> _fields = [];
    private uint _claimed;

    internal Register(RegisterBlock block, int offset, int bits, string name, Concerns concerns)
    {
        if (offset % (bits / 8) != 0) throw new InvalidOperationException($"{block.Name}: {name}: {bits} bits at offset 0x{offset:x} are not aligned");
        (Block, Offset, Bits, Name, Concerns) = (block, offset, bits, name, concerns);
    }

    public RegisterBlock Block { get; }

    /// <summary>From the start of the block, in bytes.</summary>
    public int Offset { get; }

    public int Bits { get; }
    public string Name { get; }

    /// <summary>Whom a write that changes something here concerns.</summary>
    public Concerns Concerns { get; }

    public IReadOnlyList<RegisterField> Fields => _fields;

    internal Func<ConfigSpace, uint, Concerns>? Hook { get; private set; }

    /// <param name="bit">Counted in the register, as in the specification.</param>
    /// <param name="survives">The furthest reaching reset that leaves the flag alone, where the access does not say it already.</param>
    public Flag Flag(int bit, string name, Access access, bool reset = false, ResetKind? survives = null) =>
        Claim(new Flag(this, bit, name, access, reset, survives));

    /// <inheritdoc cref="Flag"/>
    /// <param name="high">Highest bit of the field.</param>
    /// <param name="low">Lowest bit of the field.</param>
    public RegisterField Field(int high, int low, string name, Access access, uint reset = 0, ResetKind? survives = null) =>
        Claim(new RegisterField(this, high, low, name, access, reset, survives));

    /// <summary>The register as one field of its own name.</summary>
    public RegisterField Whole(Access access, uint reset = 0, ResetKind? survives = null) => Field(Bits - 1, 0, Name, access, reset, survives);

    /// <summary>
    /// Behaviour beyond the access of single bits: called after software wrote the DW, with the DW as it was, to put
    /// right what does not fit together. Returns whom that concerns besides.
    /// </summary>
    public void AfterWrite(Func<ConfigSpace, uint, Concerns> hook) => Hook = hook;

    private T Claim<T>(T field)
        where T : RegisterField
    {
        var bits = field.WidthMask << field.Low;
        if ((_claimed & bits) != 0) throw new InvalidOperationException($"{field}: bits {field.High}:{field.Low} are declared twice");
        if (Block.IsPlaced) throw new InvalidOperationException($"{field}: declared after its layout was built");
        _claimed |= bits;
        _fields.Add(field);
        return field;
    }
}
