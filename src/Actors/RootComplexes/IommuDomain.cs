namespace PcieFabric.RootComplexes;

/// <summary>An I/O address space that software has made on its <see cref="HostIommu"/>.</summary>
/// <param name="IsPassThrough">Addresses are not translated, and all memory may be reached.</param>
public sealed record IommuDomain(int Id, bool IsPassThrough);
