namespace PcieFabric.AddressTranslation;

/// <summary>What a device may do with a page.</summary>
[Flags]
public enum PagePermissions : byte
{
    None = 0,
    Read = 1,
    Write = 2,
    ReadWrite = Read | Write,
}
