using PcieFabric.Actors.Tests.Enumeration;
using PcieFabric.ConfigSpaces.Capabilities;
using PcieFabric.TlpPaths;
using PcieFabric.Tlps;
using Xunit.Abstractions;
using static PcieFabric.Actors.Tests.PeerToPeer.PeerFabric;

namespace PcieFabric.Actors.Tests.PeerToPeer;

/// <summary>Any setting of all ACS registers does what the simplest reading of the specification says.</summary>
public sealed class RandomAcsTests(ITestOutputHelper output)
{
    private const int Settings = 40, ReadsOfEach = 12;

    private static readonly string[] Functions = [A, B, C, Duo0, Duo1, Alone, Alone2];
    private static readonly string[] Controlled = [Dp0, Dp1, "host0/rp0/leaf/dp2", Dp3, Rp0, Rp1, "host0/rp2", .. Functions];

    [Fact]
    public void EveryReadEndsAsTheOracleSays()
    {
        var random = TestSeed.Random(output);
        var seen = new Dictionary<string, int>();
        for (var setting = 0; setting < Settings; setting++) Check(random, seen);
        foreach (var (fate, times) in seen) output.WriteLine($"{times} x {fate}");
        // Or the draws would show nothing.
        Assert.True(seen.Count >= 6, "too few kinds of fates were drawn");
    }

    private static void Check(Random random, Dictionary<string, int> seen)
    {
        var enabled = Controlled.ToDictionary(path => path, path => (AcsControls)random.Next(128) & Supported(path) & (random.Next(3) == 0 ? AcsControls.UpstreamForwarding : AcsControls.All));
        var blocked = Controlled.ToDictionary(path => path, _ => Enumerable.Range(0, 4).Where(_ => random.Next(2) == 0).ToArray());
        var oracle = new AcsOracle(enabled, blocked);
        using var fabric = new PeerFabric();
        var path = fabric.Follow();
        var reads = new List<(ulong Address, AcsOracle.Fate Expected, string What)>();
        fabric.Run(async peers =>
        {
            foreach (var at in Controlled)
            {
                await peers.Acs.SetEgressVectorAsync(peers[at], blocked[at]);
                await peers.AcsAsync(at, enabled[at]);
            }
            for (var read = 0; read < ReadsOfEach; read++)
            {
                var from = Functions[random.Next(Functions.Length)];
                var to = Functions.Where(f => f != from).ElementAt(random.Next(Functions.Length - 1));
                var (relaxed, translated) = (random.Next(2) == 0, random.Next(3) == 0);
                var expected = oracle.OfRead(from, to, relaxed, translated);
                var what = $"{from} reads {to}{(relaxed ? ", relaxed" : "")}{(translated ? ", translated" : "")}; {string.Join("; ", enabled.Select(e => $"{e.Key}: {e.Value} [{string.Join(' ', blocked[e.Key])}]"))}";
                var actual = await peers.ReadAsync(from, to, (relaxed ? PeerProbe.Relaxed : 0) | (translated ? PeerProbe.Translated : 0), offset: 0x1000 + (ulong)read * 64);
                Assert.True(expected.Status == actual, $"expected {Name(expected.Status)}, not {Name(actual)}: {what}");
                reads.Add((peers.Memory(to) + 0x1000 + (ulong)read * 64, expected, what));
                seen[expected.ToString()] = seen.GetValueOrDefault(expected.ToString()) + 1;
            }
        });
        CheckWays(path, reads);
    }

    /// <summary>Where each read and its answer were seen.</summary>
    private static void CheckWays(TlpPath path, List<(ulong Address, AcsOracle.Fate Expected, string What)> reads)
    {
        var requests = path.Requests.Where(hop => hop.To.Value == "host0").Select(hop => hop.Address).ToHashSet();
        foreach (var (address, expected, what) in reads)
            Assert.True(expected.RequestSeesRoot == requests.Contains(address), $"the root complex {(expected.RequestSeesRoot ? "did not see" : "saw")} the request: {what}");
        Assert.Equal(reads.Count(read => read.Expected.CompletionSeesRoot), path.Completions.Count(hop => hop.To.Value == "host0"));
    }

    /// <summary>Functions have no Source Validation, Translation Blocking or Upstream Forwarding.</summary>
    private static AcsControls Supported(string path) => path.Contains("/fn", StringComparison.Ordinal)
        ? AcsControls.PeerRequestRedirect | AcsControls.PeerCompletionRedirect | AcsControls.PeerEgressControl | AcsControls.DirectTranslatedPeer
        : AcsControls.All;

    private static string Name(CompletionStatus? status) => status?.ToString() ?? "no answer";
}
