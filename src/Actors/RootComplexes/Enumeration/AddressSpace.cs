namespace PcieFabric.RootComplexes.Enumeration;

/// <summary>The three windows of a host and of a bridge.</summary>
internal enum AddressSpace
{
    Memory,
    PrefetchableMemory,
    Io,
}
