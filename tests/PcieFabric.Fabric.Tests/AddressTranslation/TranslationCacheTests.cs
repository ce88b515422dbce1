using PcieFabric.Addressing;
using PcieFabric.AddressTranslation;

namespace PcieFabric.Fabric.Tests.AddressTranslation;

public class TranslationCacheTests
{
    private static Translation Small(ulong page) => new(page << 12, 12, PagePermissions.Read);

    [Fact]
    public void TheLeastRecentlyUsedOfASetGivesWay()
    {
        var cache = new TranslationCache(entries: 4, ways: 2);
        cache.Insert(1, 0x0000, Small(10));
        cache.Insert(1, 0x2000, Small(12));
        cache.Insert(1, 0x1000, Small(11));
        Assert.True(cache.TryFind(1, 0x0FFF, out _, out _));
        cache.Insert(1, 0x4000, Small(14));
        Assert.False(cache.TryFind(1, 0x2000, out _, out _));
        Assert.True(cache.TryFind(1, 0x0000, out var found, out _));
        Assert.Equal(Small(10), found);
        Assert.True(cache.TryFind(1, 0x1000, out _, out _));
        Assert.Equal(1, cache.Evictions);
    }

    [Fact]
    public void SpacesAndPageSizesAreToldApart()
    {
        var cache = new TranslationCache(entries: 8, ways: 8);
        cache.Insert(1, 0x1000, Small(1));
        cache.Insert(2, 0x1000, Small(2), readyAtPs: 77);
        cache.Insert(1, 0x20_0000, new Translation(0x4000_0000, 21, PagePermissions.Write));
        Assert.True(cache.TryFind(2, 0x1008, out var second, out var readyAtPs));
        Assert.Equal((0x2008ul, 77L), (second.Of(0x1008), readyAtPs));
        Assert.True(cache.TryFind(1, 0x3F_FFFF, out var large, out _));
        Assert.Equal(0x401F_FFFFul, large.Of(0x3F_FFFF));
        Assert.False(cache.TryFind(2, 0x20_0000, out _, out _));
    }

    [Fact]
    public void InvalidatingForgetsEveryPageThatARangeTouches()
    {
        var cache = new TranslationCache(entries: 8, ways: 8);
        cache.Insert(1, 0x20_0000, new Translation(0, 21, PagePermissions.Read));
        cache.Insert(1, 0x1000, Small(1));
        cache.Insert(1, 0x2000, Small(2));
        cache.Insert(2, 0x2000, Small(3));
        cache.Invalidate(1, new AddressRange(0x2000, 0x20_0000));
        Assert.False(cache.TryFind(1, 0x20_0000, out _, out _));
        Assert.False(cache.TryFind(1, 0x2000, out _, out _));
        Assert.True(cache.TryFind(1, 0x1000, out _, out _));
        Assert.True(cache.TryFind(2, 0x2000, out _, out _));
        cache.Invalidate(null, TranslationRange.Everything);
        Assert.False(cache.TryFind(1, 0x1000, out _, out _));
        Assert.False(cache.TryFind(2, 0x2000, out _, out _));
    }

    [Fact]
    public void InsertingAPageAgainReplacesIt()
    {
        var cache = new TranslationCache(entries: 2, ways: 2);
        cache.Insert(1, 0x1000, Small(1));
        cache.Insert(1, 0x1000, new Translation(0x5000, 12, PagePermissions.ReadWrite));
        Assert.True(cache.TryFind(1, 0x1000, out var found, out _));
        Assert.Equal((0x5000ul, PagePermissions.ReadWrite, 0L), (found.PageAddress, found.Permissions, cache.Evictions));
    }

    [Theory]
    [InlineData(6, 4)]
    [InlineData(12, 4)]
    [InlineData(0, 1)]
    [InlineData(4, 0)]
    public void SetsAreAPowerOfTwo(int entries, int ways) => Assert.Throws<ArgumentException>(() => new TranslationCache(entries, ways));
}
