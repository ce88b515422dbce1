using PcieFabric.AddressTranslation;

namespace PcieFabric.Iommus;

/// <summary>An I/O address space and who uses it.</summary>
internal sealed class Domain(int id, PageTable? table)
{
    /// <summary>Tags its translations in the IO-TLB.</summary>
    public uint Space => (uint)id;

    /// <summary>Null if addresses pass through unchanged.</summary>
    public PageTable? Table => table;

    public List<Attachment> Attachments { get; } = [];
}
