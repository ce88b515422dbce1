using PcieFabric.Iommus;

namespace PcieFabric.Experiments;

/// <summary>How often an IOMMU looked a page up, and how often its IO-TLB had it.</summary>
internal readonly record struct TranslationLookups(long Hits, long Misses)
{
    public static TranslationLookups Of(IommuCounters? counters) => counters is null ? default : new(counters.Hits, counters.Misses);

    public long Total => Hits + Misses;

    public static TranslationLookups operator +(TranslationLookups one, TranslationLookups other) => new(one.Hits + other.Hits, one.Misses + other.Misses);

    public static TranslationLookups operator -(TranslationLookups later, TranslationLookups earlier) => new(later.Hits - earlier.Hits, later.Misses - earlier.Misses);
}
