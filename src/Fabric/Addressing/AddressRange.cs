namespace PcieFabric.Addressing;

/// <summary>A half-open range of bus addresses, in bytes. <see cref="Size"/> zero is the empty range.</summary>
public readonly record struct AddressRange(ulong Base, ulong Size)
{
    public static readonly AddressRange Empty;

    public bool IsEmpty => Size == 0;

    /// <summary>The last address inside; meaningless when empty.</summary>
    public ulong Last => Base + (Size - 1);

    public bool Contains(ulong address) => address - Base < Size;

    public bool Contains(ulong address, ulong size) => address - Base < Size && size <= Size - (address - Base);

    public bool Overlaps(AddressRange other) => !IsEmpty && !other.IsEmpty && Base <= other.Last && other.Base <= Last;

    public override string ToString() => IsEmpty ? "empty" : $"[0x{Base:x}, 0x{Last:x}]";
}
