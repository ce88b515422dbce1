using PcieFabric.VfioUser.Interop;

namespace PcieFabric.VfioUser.Devices;

/// <summary>A region as a client sees it.</summary>
/// <param name="SizeBytes">0 where the function has none.</param>
public sealed record RegionDescription(ulong SizeBytes, bool Readable = true, bool Writable = true)
{
    /// <summary>What a client may map instead of asking for each access; null for nothing. Accesses there reach nobody but the memory.</summary>
    public RegionMapping? Mapping { get; init; }
}

/// <summary>Memory behind a region that a client may map. Nobody can tell what it does there, so no journal has it.</summary>
/// <param name="File">Stays ours.</param>
/// <param name="FileOffset">Of the region's first byte in the file, in bytes: whole pages.</param>
/// <param name="Areas">Of the region, in whole pages; empty for all of it.</param>
public sealed record RegionMapping(Descriptor File, ulong FileOffset, IReadOnlyList<(ulong Offset, ulong SizeBytes)> Areas);
