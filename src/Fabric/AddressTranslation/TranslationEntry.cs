using System.Buffers.Binary;
using PcieFabric.Addressing;

namespace PcieFabric.AddressTranslation;

/// <summary>
/// The eight bytes of a Translation Completion (PCIe 6.0 section 10.2.3), the first of them the highest: address and size in bits 63:11 (see <see cref="TranslationRange"/>), then
/// N in bit 10, Global 5, Priv 4, Exe 3, U 2, W 1, R 0.
/// </summary>
/// <param name="Range">After translation, at least 4 KiB.</param>
/// <param name="NonSnooped">N: accesses must clear No Snoop.</param>
/// <param name="UntranslatedOnly">U: the range must be accessed with untranslated addresses.</param>
/// <param name="Global">The translation holds for all PASIDs of the function.</param>
public readonly record struct TranslationEntry(
    AddressRange Range, PagePermissions Permissions, bool NonSnooped = false, bool UntranslatedOnly = false, bool Global = false, bool Execute = false, bool Privileged = false)
{
    public const int SizeBytes = 8;

    /// <summary>No access, of the smallest range: what an address that is not mapped gets.</summary>
    public static readonly TranslationEntry NoAccess = new(new AddressRange(0, 4096), PagePermissions.None);

    private const int NonSnoopedBit = 10, GlobalBit = 5, PrivilegedBit = 4, ExecuteBit = 3, UntranslatedBit = 2, WriteBit = 1, ReadBit = 0;

    /// <param name="into"><see cref="SizeBytes"/> bytes of a completion's payload.</param>
    public void Write(Span<byte> into) => BinaryPrimitives.WriteUInt64BigEndian(into, Code);

    public static TranslationEntry Read(ReadOnlySpan<byte> from) => FromCode(BinaryPrimitives.ReadUInt64BigEndian(from));

    /// <summary>The entry as one number, bit 63 the first on the wire.</summary>
    public ulong Code =>
        TranslationRange.Encode(Range)
        | Bit(NonSnooped, NonSnoopedBit) | Bit(Global, GlobalBit) | Bit(Privileged, PrivilegedBit) | Bit(Execute, ExecuteBit) | Bit(UntranslatedOnly, UntranslatedBit)
        | Bit((Permissions & PagePermissions.Write) != 0, WriteBit) | Bit((Permissions & PagePermissions.Read) != 0, ReadBit);

    public static TranslationEntry FromCode(ulong code) => new(
        TranslationRange.Decode(code),
        (Is(code, ReadBit) ? PagePermissions.Read : 0) | (Is(code, WriteBit) ? PagePermissions.Write : 0),
        Is(code, NonSnoopedBit), Is(code, UntranslatedBit), Is(code, GlobalBit), Is(code, ExecuteBit), Is(code, PrivilegedBit));

    private static ulong Bit(bool value, int position) => value ? 1ul << position : 0;

    private static bool Is(ulong code, int position) => (code >> position & 1) != 0;
}
