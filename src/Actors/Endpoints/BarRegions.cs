using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace PcieFabric.Endpoints;

/// <summary>The memory behind the BARs of one function, by BAR index: an array, as a dictionary for each function is what a large fabric would mostly consist of.</summary>
/// <param name="byIndex">Null where a BAR has no memory.</param>
internal sealed class BarRegions(params MemoryRegion?[] byIndex) : IReadOnlyDictionary<int, MemoryRegion>
{
    public static BarRegions Of(IReadOnlyDictionary<int, MemoryRegion> regions)
    {
        var byIndex = new MemoryRegion?[regions.Count == 0 ? 0 : regions.Keys.Max() + 1];
        foreach (var (index, region) in regions) byIndex[index] = region;
        return new BarRegions(byIndex);
    }

    public MemoryRegion this[int key] => TryGetValue(key, out var region) ? region : throw new KeyNotFoundException($"BAR {key} has no memory");

    public IEnumerable<int> Keys => this.Select(each => each.Key);

    public IEnumerable<MemoryRegion> Values => this.Select(each => each.Value);

    public int Count => byIndex.Count(region => region is not null);

    public bool ContainsKey(int key) => TryGetValue(key, out _);

    public bool TryGetValue(int key, [MaybeNullWhen(false)] out MemoryRegion value)
    {
        value = (uint)key < (uint)byIndex.Length ? byIndex[key] : null;
        return value is not null;
    }

    public IEnumerator<KeyValuePair<int, MemoryRegion>> GetEnumerator()
    {
        for (var index = 0; index < byIndex.Length; index++)
            if (byIndex[index] is { } region)
                yield return new KeyValuePair<int, MemoryRegion>(index, region);
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
