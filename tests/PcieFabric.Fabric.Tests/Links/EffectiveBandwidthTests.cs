using PcieFabric.Links;

namespace PcieFabric.Fabric.Tests.Links;

public class EffectiveBandwidthTests
{
    private static EffectiveBandwidth Link(int generation, int width, int mps, int mrrs) => EffectiveBandwidth.Of(new LinkSettings
    {
        Generation = new(generation),
        Width = new(width),
        MaxPayloadSize = mps,
        MaxReadRequestSize = mrrs,
    });

    [Fact]
    public void EverySizeReachesWhatThePublishedModelSays() => Assert.All(PublishedModel.Gen3X8, row =>
    {
        var (link, size) = (Link(3, 8, (int)row[0], (int)row[1]), (int)row[2]);
        Assert.Equal(row[3], link.Write(size) / 1e9, 6);
        Assert.Equal(row[4], link.Read(size) / 1e9, 6);
        Assert.Equal(row[5], link.ReadAndWrite(size) / 1e9, 6);
    });

    [Fact]
    public void AddressesDigestsAndCompletionChunksCostWhatThePublishedModelSays() => Assert.All(PublishedModel.Variants, row =>
    {
        var (link, size) = (Link(3, 8, 256, 512), (int)row[0]);
        Assert.Equal(row[1], (link with { CompletionChunk = 64 }).Read(size) / 1e9, 4);
        Assert.Equal(row[2], (link with { Address64 = false }).Write(size) / 1e9, 4);
        Assert.Equal(row[3], (link with { Address64 = false }).ReadAndWrite(size) / 1e9, 4);
        Assert.Equal(row[4], (link with { Ecrc = true }).Write(size) / 1e9, 4);
        Assert.Equal(row[5], (link with { Ecrc = true }).Read(size) / 1e9, 4);
    });

    [Fact]
    public void EveryLinkReachesWhatThePublishedModelSays() => Assert.All(PublishedModel.OtherLinks, row =>
    {
        var link = Link((int)row[0], (int)row[1], 256, 512);
        Assert.Equal(row[2], link.TlpBitsPerSecond / 1e9, 4);
        for (var column = 0; column < 3; column++)
        {
            var size = new[] { 64, 256, 4096 }[column];
            Assert.Equal(row[3 + 2 * column], link.Write(size) / 1e9, 4);
            Assert.Equal(row[4 + 2 * column], link.Read(size) / 1e9, 4);
        }
        Assert.Equal(row[9], link.ReadAndWrite(4096) / 1e9, 4);
    });

    [Fact]
    public void WithoutDllpsTheBoundIsTheRawRateLessHeaders()
    {
        var link = EffectiveBandwidth.Of(new LinkSettings { DllpMode = DllpMode.None });
        Assert.Equal(58.449, link.Read(4096) / 1e9, 3);
        Assert.Equal(57.614, link.Write(4096) / 1e9, 3);
    }

    [Fact]
    public void NoBytesHaveNoBandwidth() => Assert.Throws<ArgumentOutOfRangeException>(() => Link(3, 8, 256, 512).Write(0));
}
