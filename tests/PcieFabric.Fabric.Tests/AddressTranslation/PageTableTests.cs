using PcieFabric.Addressing;
using PcieFabric.AddressTranslation;
using PcieFabric.Fabric.Tests.Links;
using Xunit.Abstractions;

namespace PcieFabric.Fabric.Tests.AddressTranslation;

public class PageTableTests(ITestOutputHelper output)
{
    private const ulong Page = 4096, TwoMiB = 1 << 21, OneGiB = 1 << 30;

    [Theory]
    [InlineData(0ul, 0ul, 4 * Page, 4)]
    [InlineData(0ul, 0ul, TwoMiB, 3)]
    [InlineData(0ul, Page, TwoMiB, 4)]
    [InlineData(OneGiB, 4 * OneGiB, OneGiB, 2)]
    [InlineData(OneGiB, 4 * OneGiB + TwoMiB, OneGiB, 3)]
    [InlineData((1ul << 48) - Page, 0ul, Page, 4)]
    public void ARangeGetsTheLargestPagesThatItAllows(ulong iova, ulong address, ulong size, int levels)
    {
        var table = new PageTable();
        Assert.Equal(PageTableResult.Done, table.Map(new AddressRange(iova, size), address, PagePermissions.Read));
        foreach (var offset in new ulong[] { 0, size / 2 + 5, size - 1 })
        {
            Assert.True(table.TryFind(iova + offset, out var found, out var walked));
            Assert.Equal((address + offset, levels, PagePermissions.Read), (found.Of(iova + offset), walked, found.Permissions));
        }
        Assert.Equal(size, table.MappedBytes);
        Assert.Equal(size, table.Unmap(new AddressRange(iova, size)));
        Assert.Equal((0ul, 1), (table.MappedBytes, table.Tables));
    }

    [Fact]
    public void PagesAreNoLargerThanAllowed()
    {
        var table = new PageTable(largestPageShift: 12);
        table.Map(new AddressRange(0, TwoMiB), 0, PagePermissions.Write);
        Assert.True(table.TryFind(0, out var found, out var walked));
        Assert.Equal((12, 4), (found.PageShift, walked));
    }

    [Fact]
    public void AnOverlapChangesNothing()
    {
        var table = new PageTable();
        table.Map(new AddressRange(8 * Page, Page), 0, PagePermissions.Read);
        Assert.Equal(PageTableResult.AlreadyMapped, table.Map(new AddressRange(0, TwoMiB), 0, PagePermissions.Write));
        Assert.False(table.TryFind(0, out _, out _));
        Assert.Equal(Page, table.MappedBytes);
    }

    [Fact]
    public void ATableThatWouldGrowBeyondItsLimitIsLeftAsItWas()
    {
        var table = new PageTable(largestPageShift: 12);
        var tooMuch = (ulong)(Limits.MaxPageTables + 1) * TwoMiB;
        Assert.Equal(PageTableResult.Full, table.Map(new AddressRange(0, tooMuch), 0, PagePermissions.Read));
        Assert.Equal((0ul, 1), (table.MappedBytes, table.Tables));
    }

    [Theory]
    [InlineData(0x800ul, 0x1000ul)]
    [InlineData(0ul, 0x1800ul)]
    [InlineData(0ul, 0ul)]
    [InlineData((1ul << 48) - 0x1000, 0x2000ul)]
    [InlineData(1ul << 63, 0x1000ul)]
    public void WhatIsNoRangeOfPagesIsRefused(ulong iova, ulong size)
    {
        Assert.False(PageTable.IsMappable(new AddressRange(iova, size)));
        Assert.Throws<ArgumentException>(() => new PageTable().Map(new AddressRange(iova, size), 0, PagePermissions.Read));
        Assert.Throws<ArgumentException>(() => new PageTable().Unmap(new AddressRange(iova, size)));
    }

    [Fact]
    public void RandomMapsAndUnmapsAgreeWithADictionaryOfPages()
    {
        var random = TestSeed.Random(output);
        var table = new PageTable(random.Next(2) == 0 ? 21 : 30);
        var model = new Dictionary<ulong, (ulong Page, PagePermissions Permissions)>();
        const int pages = 4096;
        for (var i = 0; i < 2000; i++)
        {
            var count = random.Next(3) == 0 ? 512 * random.Next(1, 4) : random.Next(1, 100);
            var first = random.Next(3) == 0 ? 512 * random.Next(4) : random.Next(pages - count);
            var range = new AddressRange((ulong)first * Page, (ulong)count * Page);
            var inside = Enumerable.Range(first, count).Select(p => (ulong)p).ToArray();
            if (random.Next(2) == 0)
            {
                var target = (ulong)(random.Next(2) == 0 ? 512 * random.Next(100) : random.Next(50_000));
                var permissions = (PagePermissions)random.Next(1, 4);
                var isFree = !inside.Any(model.ContainsKey);
                Assert.Equal(isFree ? PageTableResult.Done : PageTableResult.AlreadyMapped, table.Map(range, target * Page, permissions));
                if (isFree)
                    foreach (var page in inside) model.Add(page, (target + page - (ulong)first, permissions));
            }
            else
            {
                Assert.Equal((ulong)inside.Count(model.Remove) * Page, table.Unmap(range));
            }
            Assert.Equal((ulong)model.Count * Page, table.MappedBytes);
            for (var probe = 0; probe < 20; probe++)
            {
                var address = (ulong)random.NextInt64(pages * 4096L);
                var isMapped = table.TryFind(address, out var found, out _);
                Assert.Equal(model.TryGetValue(address / Page, out var expected), isMapped);
                if (isMapped) Assert.Equal((expected.Page * Page + address % Page, expected.Permissions), (found.Of(address), found.Permissions));
            }
        }
        table.Unmap(new AddressRange(0, 1ul << 48));
        Assert.Equal(1, table.Tables);
    }
}
