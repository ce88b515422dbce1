using PcieFabric.Tlps;

namespace PcieFabric.Fabric.Tests.Tlps;

public sealed class TagPoolTests
{
    [Theory]
    [InlineData(TagWidth.FiveBits, 0, 31)]
    [InlineData(TagWidth.EightBits, 0, 255)]
    [InlineData(TagWidth.TenBits, 256, 1023)]
    public void AWidthHasItsTagsAndNoMore(TagWidth width, int first, int last)
    {
        var pool = new TagPool(width);
        var tags = new List<int>();
        while (pool.TryTake(out var tag)) tags.Add(tag);
        Assert.Equal(Enumerable.Range(first, last - first + 1), tags);
        Assert.Equal(0, pool.Available);
        pool.Return((ushort)first);
        Assert.True(pool.TryTake(out var again));
        Assert.Equal(first, again);
    }

    [Fact]
    public void ALimitHoldsBackAWiderRequester()
    {
        var pool = new TagPool(TagWidth.EightBits, limit: 3);
        Assert.Equal(3, pool.Capacity);
        for (var i = 0; i < 3; i++) Assert.True(pool.TryTake(out _));
        Assert.False(pool.TryTake(out _));
    }

    [Fact]
    public void TheTagFreedFirstIsUsedFirst()
    {
        var pool = new TagPool(TagWidth.FiveBits, limit: 4);
        for (var i = 0; i < 4; i++) pool.TryTake(out _);
        pool.Return(2);
        pool.Return(0);
        pool.TryTake(out var first);
        pool.TryTake(out var second);
        Assert.Equal((2, 0), (first, second));
    }

    [Theory]
    [InlineData(7)]
    [InlineData(40)]
    [InlineData(1023)]
    public void ATagThatIsNotOutCannotComeBack(int tag)
    {
        var pool = new TagPool(TagWidth.FiveBits);
        pool.TryTake(out _);
        Assert.Throws<InvalidOperationException>(() => pool.Return((ushort)tag));
    }
}
