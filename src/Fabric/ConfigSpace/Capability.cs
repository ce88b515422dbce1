namespace PcieFabric.ConfigSpaces;

/// <summary>An element of one of the two lists that a driver walks. What it declares is its size.</summary>
public abstract class Capability : RegisterBlock
{
    private protected Capability(string name, int id)
        : base(name) => Id = id;

    public int Id { get; }

    /// <summary>Offset of the next one in its list; zero at the end.</summary>
    internal RegisterField Next { get; private protected init; } = null!;
}

/// <summary>A capability in the first 256 bytes (PCIe 6.0 section 7.5.1.1.11).</summary>
public abstract class StandardCapability : Capability
{
    protected StandardCapability(string name, int id)
        : base(name, id)
    {
        var header = Word(0x00, "Capability Header");
        header.Field(7, 0, "Capability ID", Access.ReadOnly, (uint)id);
        Next = header.Field(15, 8, "Next Capability Pointer", Access.ReadOnly);
    }
}

/// <summary>A capability in the extended space (PCIe 6.0 section 7.6.3).</summary>
public abstract class ExtendedCapability : Capability
{
    protected ExtendedCapability(string name, int id, int version)
        : base(name, id)
    {
        var header = Dword(0x00, "Extended Capability Header");
        header.Field(15, 0, "PCI Express Extended Capability ID", Access.ReadOnly, (uint)id);
        header.Field(19, 16, "Capability Version", Access.ReadOnly, (uint)version);
        Next = header.Field(31, 20, "Next Capability Offset", Access.ReadOnly);
    }
}
