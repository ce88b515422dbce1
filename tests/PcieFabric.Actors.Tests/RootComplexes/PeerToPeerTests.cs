using PcieFabric.Actors.Tests.Fabrics;
using PcieFabric.Links;
using PcieFabric.Requests;
using PcieFabric.RootComplexes;

namespace PcieFabric.Actors.Tests.RootComplexes;

public class PeerToPeerTests
{
    [Theory]
    [InlineData(PeerToPeerPolicy.Full, true, true)]
    [InlineData(PeerToPeerPolicy.WritesOnly, true, false)]
    [InlineData(PeerToPeerPolicy.None, false, false)]
    public void AcrossRootPortsThePolicyDecides(PeerToPeerPolicy policy, bool writes, bool reads)
    {
        using var fabric = new TestFabric(Parts.Host(policy, Parts.Port(Parts.Endpoint("a")), Parts.Port(Parts.Endpoint("b"))));
        var (written, read) = Exchange(fabric);

        Assert.Equal(writes, written);
        Assert.Equal(reads, read.IsSuccess);
        Assert.Equal(reads ? CompletionStatus.SuccessfulCompletion : CompletionStatus.UnsupportedRequest, read.Status);
        Assert.Equal(writes, fabric.Root.Counters.TlpsBetweenPorts > 0);
    }

    [Fact]
    public void UnderOneSwitchPeersDoNotTroubleTheRoot()
    {
        using var fabric = new TestFabric(Parts.Host(PeerToPeerPolicy.None, Parts.Port(Parts.Switch("sw", Parts.Endpoint("a"), Parts.Endpoint("b")))));
        var (written, read) = Exchange(fabric);

        Assert.True(written);
        Assert.True(read.IsSuccess);
        Assert.Equal(0, fabric.Root.Counters.TlpsBetweenPorts);
    }

    [Theory]
    [InlineData(512, 128)]
    [InlineData(128, 512)]
    public void BetweenHierarchiesOfUnlikeMaxPayloadSizeTheRootSplits(int mpsOfSource, int mpsOfTarget)
    {
        using var fabric = new TestFabric(Parts.Host(
            Parts.Port(Parts.Endpoint("a"), new LinkSettings { MaxPayloadSize = mpsOfSource }),
            Parts.Port(Parts.Endpoint("b"), new LinkSettings { MaxPayloadSize = mpsOfTarget })));
        var (written, read) = Exchange(fabric);

        Assert.True(written);
        Assert.True(read.IsSuccess);
    }

    /// <summary>The first function writes 3001 bytes at an odd address of the second, and reads them back.</summary>
    private static (bool Written, RequestResult Read) Exchange(TestFabric fabric)
    {
        var (probe, done, written) = (fabric.Probes[0], new TaskCompletionSource(), false);
        RequestResult read = default;
        var data = new byte[3001];
        var back = new byte[3001];
        new Random(5).NextBytes(data);
        fabric.Run(async (host, bus) =>
        {
            var vectors = await bus.EnableMsiXAsync(0, 1);
            probe.Doorbell = async (_, _) =>
            {
                await probe.Write(bus.Bar(1, 2) + 1001, data);
                read = await probe.Read(bus.Bar(1, 2) + 1001, back);
                probe.Interrupt(0);
            };
            await host.Write32Async(bus.Bar(0, 0), 1);
            await vectors[0].WaitAsync();
            var seen = new byte[3001];
            await host.ReadAsync(bus.Bar(1, 2) + 1001, seen);
            written = seen.SequenceEqual(data);
        });
        if (read.IsSuccess) Assert.Equal(data, back);
        return (written, read);
    }
}
