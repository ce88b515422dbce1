namespace PcieFabric.Endpoints;

/// <summary>The memory behind the BARs of a function.</summary>
internal interface IBarMapping
{
    /// <summary>The BAR is one of memory, whether or not all of it has some at the moment. Other BARs are for the function's model.</summary>
    bool HasMemory(int bar);

    /// <param name="at">Where in the region.</param>
    /// <returns>Null where the bytes do not all lie in one piece of memory.</returns>
    MemoryRegion? Find(int bar, ulong offset, int sizeBytes, out long at);
}

/// <summary>Each BAR is one region from its start on, for good.</summary>
internal sealed class WholeBars(IReadOnlyDictionary<int, MemoryRegion> regions) : IBarMapping
{
    public bool HasMemory(int bar) => regions.ContainsKey(bar);

    public MemoryRegion? Find(int bar, ulong offset, int sizeBytes, out long at)
    {
        at = (long)offset;
        return regions.GetValueOrDefault(bar) is { } region && offset + (ulong)sizeBytes <= (ulong)region.SizeBytes ? region : null;
    }
}
