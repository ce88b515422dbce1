namespace PcieFabric.ConfigSpaces;

/// <summary>Registers that stand together: a header or a capability. Belongs to one layout, which decides where it stands.</summary>
public abstract class RegisterBlock(string name)
{
    private readonly List<Register> _registers = [];
    private int _offset = -1;

    public string Name { get; } = name;

    public IReadOnlyList<Register> Registers => _registers;

    /// <summary>Of the first byte, in configuration space. Known once the layout is built.</summary>
    public int Offset => IsPlaced ? _offset : throw new InvalidOperationException($"{Name}: no layout has placed it yet");

    internal bool IsPlaced => _offset >= 0;

    /// <summary>Whole DWs that the declared registers take.</summary>
    internal int SizeBytes => (_registers.Max(r => r.Offset + r.Bits / 8) + 3) & ~3;

    internal void Place(int offset)
    {
        if (IsPlaced) throw new InvalidOperationException($"{Name}: is part of another layout already; make one for each layout");
        _offset = offset;
    }

    /// <param name="offset">From the start of the block, in bytes.</param>
    protected internal Register Byte(int offset, string name, Concerns concerns = Concerns.None) => Add(offset, 8, name, concerns);

    /// <inheritdoc cref="Byte"/>
    protected internal Register Word(int offset, string name, Concerns concerns = Concerns.None) => Add(offset, 16, name, concerns);

    /// <inheritdoc cref="Byte"/>
    protected internal Register Dword(int offset, string name, Concerns concerns = Concerns.None) => Add(offset, 32, name, concerns);

    private Register Add(int offset, int bits, string name, Concerns concerns)
    {
        var register = new Register(this, offset, bits, name, concerns);
        _registers.Add(register);
        return register;
    }
}
