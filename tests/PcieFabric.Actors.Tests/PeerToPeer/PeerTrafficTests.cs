using PcieFabric.ConfigSpaces.Capabilities;
using PcieFabric.TlpPaths;
using PcieFabric.Tlps;
using static PcieFabric.Actors.Tests.PeerToPeer.PeerFabric;

namespace PcieFabric.Actors.Tests.PeerToPeer;

/// <summary>Many peers at once: nothing stops, nothing is lost, and every run is the same.</summary>
public sealed class PeerTrafficTests
{
    /// <summary>Links with the least credits that an MPS of 128 allows.</summary>
    private const string Narrow = $$"""
        defaults: { link: { mps: 128 B, mrrs: 128 B, credits: { posted: { headers: 1, data: 8 }, non-posted: { headers: 1, data: 8 }, completion: { headers: 1, data: 8 } } } }
        switches:
          leaf: { acs: {{AllAcs}}, ports: [{ attach: card, count: 3 }, { attach: duo }] }
        hosts:
          host0: { memory: 16 MiB, ports: [{ attach: leaf }, { attach: card }, { attach: card }] }
        """;

    private static readonly string[] Ring = [A, Alone, B, Duo0, C, Duo1, Alone2];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void CirclesOfPeersWithTheLeastCreditsComeToAnEnd(bool isolated)
    {
        using var fabric = new PeerFabric(Narrow);
        fabric.Run(async peers =>
        {
            if (isolated) await peers.Acs.EnableIsolationAsync(peers.Hierarchies[0]);
            await CirculateAsync(peers, bytes: 8192);
        });

        // Of the upstream port enumeration asked after devices that are not there.
        Assert.All(fabric.Fabric.Ports.Where(port => !port.Key.EndsWith("/up", StringComparison.Ordinal)), port => Assert.Equal(0, port.Value.Counters.Total));
    }

    [Fact]
    public void RootComplexesForwardMoreReadsAtOnceThanThereAreTags()
    {
        const string topology = """
            defaults: { link: { mps: 128 B, mrrs: 128 B, width: 16 } }
            hosts:
              host0:
                memory: 16 MiB
                root-complexes:
                  west: { ports: [{ attach: card, count: 4 }] }
                  east: { ports: [{ attach: card }] }
            """;
        const int bytes = 32768;
        using var fabric = new PeerFabric(topology);
        fabric.Run(async peers =>
        {
            var random = new Random(5);
            var data = new byte[bytes];
            random.NextBytes(data);
            for (var i = 0; i < bytes; i += 128) await peers.Host.WriteAsync(peers.Memory("host0/east/rp0/card/fn0") + (ulong)i, data.AsMemory(i, 128));
            var readers = Enumerable.Range(0, 4).Select(i => $"host0/west/rp{i}/card/fn0").ToArray();
            foreach (var reader in readers) await peers.StartAsync(reader, peers.Memory("host0/east/rp0/card/fn0"), 0, bytes);
            foreach (var reader in readers)
            {
                Assert.Equal(CompletionStatus.SuccessfulCompletion, await peers.EndAsync(reader));
                var read = new byte[4096];
                await peers.Host.ReadAsync(peers.Memory(reader) + bytes - 4096, read);
                Assert.Equal(data[^4096..], read);
            }
            // And posted writes, which need no tag.
            await peers.PokeAsync(readers[0], 0xACE);
            await peers.WriteAsync(readers[0], "host0/east/rp0/card/fn0", offset: 0x9000);
            Assert.Equal(0xACEu, await peers.PeekAsync("host0/east/rp0/card/fn0", 0x9000));
        });

        Assert.Equal(0, fabric.Root.Counters.UnexpectedCompletions);
    }

    [Fact]
    public void WhatIsSeenDoesNotDependOnPartitionsOrThreads()
    {
        var one = Record(partitions: 1, threads: 1);
        Assert.NotEmpty(one);
        foreach (var (partitions, threads) in new[] { (2, 1), (2, 2), (4, 1), (4, 2) }) Assert.Equal(one, Record(partitions, threads));
    }

    [Fact]
    public void APathShowsEachHopWithItsTime()
    {
        using var fabric = new PeerFabric();
        var path = TlpPath.Follow(fabric.Fabric.Engine, static request => request.IsMemoryRead && request.Requester.Bus != 0);
        fabric.Run(peers => peers.ReadAsync(A, Alone));

        Assert.Equal(["host0/rp0/leaf/dp0/card", Dp0, "host0/rp0/leaf/up", Rp0, "host0", Rp1, "host0/rp1/card"], path.RequestActors);
        Assert.Equal([Rp1, "host0", Rp0, "host0/rp0/leaf/up", Dp0, "host0/rp0/leaf/dp0/card", A], path.CompletionActors);
        var times = path.Requests.Concat(path.Completions).Select(hop => hop.At.Picoseconds).ToList();
        Assert.Equal(times.Order(), times);
        Assert.All(path.Requests.Zip(path.Requests.Skip(1)), pair => Assert.True(pair.First.To == pair.Second.From || pair.Second.From == pair.Second.To));
        Assert.Equal(0, path.Dropped);
        Assert.Contains($"{Dp0} → host0/rp0/leaf/up  MRd64", path.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void ATransactionIsFollowedByRequesterAndTag()
    {
        var a = new PcieFabric.Addressing.Bdf(3, 0, 0);
        using var fabric = new PeerFabric();
        var path = TlpPath.Follow(fabric.Fabric.Engine, a, tag: 256);
        fabric.Run(async peers =>
        {
            Assert.Equal(a, peers[A].Bdf);
            // Two requests, of which the first has the first ten-bit tag (PCIe 6.0 section 2.2.6.2).
            await peers.ReadAsync(A, B, bytes: 1024);
        });

        Assert.Equal(["host0/rp0/leaf/dp0/card", Dp0, Dp1, "host0/rp0/leaf/dp1/card"], path.Requests.Select(hop => hop.To.Value).Distinct());
        Assert.Single(path.Requests.Select(hop => hop.Address).Distinct());
        Assert.All(path.Requests.Concat(path.Completions), hop => Assert.Equal((a, 256), (hop.Requester, hop.Tag)));
        Assert.NotEmpty(path.Completions);
    }

    private static string Record(int partitions, int threads)
    {
        using var fabric = new PeerFabric(partitions: partitions);
        var path = TlpPath.Follow(fabric.Fabric.Engine, static request => request.IsMemoryRequest);
        fabric.Run(
            async peers =>
            {
                await peers.Acs.EnableIsolationAsync(peers.Hierarchies[0]);
                await CirculateAsync(peers, bytes: 1024);
            },
            threads);
        return path.ToString();
    }

    /// <summary>Each writes to the next but one and reads from the next, all at the same time.</summary>
    private static async Task CirculateAsync(Peers peers, int bytes)
    {
        for (var i = 0; i < Ring.Length; i++)
            for (var at = 0; at < bytes; at += 1024)
                await peers.PokeAsync(Ring[i], (uint)(i << 16 | at), (ulong)at);
        for (var round = 0; round < 2; round++)
        {
            for (var i = 0; i < Ring.Length; i++)
            {
                var isWriter = (i + round) % 2 == 0;
                await peers.StartAsync(Ring[i], peers.Memory(Ring[(i + 1) % Ring.Length]) + 0x8000, isWriter ? PeerProbe.Write : 0, bytes);
            }
            foreach (var function in Ring) Assert.Equal(CompletionStatus.SuccessfulCompletion, await peers.EndAsync(function));
        }
    }
}
