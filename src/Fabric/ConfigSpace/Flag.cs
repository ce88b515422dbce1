namespace PcieFabric.ConfigSpaces;

/// <summary>A field of one bit.</summary>
public sealed class Flag : RegisterField
{
    internal Flag(Register register, int bit, string name, Access access, bool reset, ResetKind? survives)
        : base(register, bit, bit, name, access, reset ? 1u : 0, survives)
    {
    }
}
