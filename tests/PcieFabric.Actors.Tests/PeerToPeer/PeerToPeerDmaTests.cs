using System.Text;
using PcieFabric.ConfigSpaces.Capabilities;
using PcieFabric.RootComplexes.Enumeration;
using PcieFabric.RootComplexes.PeerToPeer;
using PcieFabric.Tlps;

namespace PcieFabric.Actors.Tests.PeerToPeer;

/// <summary>Distances and map types as Linux computes them, beside the way that requests really take.</summary>
public sealed class PeerToPeerDmaTests
{
    public static TheoryData<int> Placements => [.. Enumerable.Range(0, Placement.All.Length)];

    [Theory]
    [MemberData(nameof(Placements))]
    public void APlacementHasTheDistanceAndTheMapTypeOfLinux(int number)
    {
        var placement = Placement.All[number];
        using var fabric = Make(placement);
        var path = fabric.Follow();
        PeerDistance? distance = null;
        CompletionStatus? read = null;
        fabric.Run(async peers =>
        {
            foreach (var (function, controls) in placement.Acs) await peers.AcsAsync(function, controls);
            var linux = new PeerToPeerDma(peers.Host, peers.Hierarchies);
            distance = await linux.DistanceAsync(peers[placement.Provider], peers[placement.Client]);
            Assert.Equal(placement.MapType == PeerMapType.NotSupported ? null : placement.Hops, await linux.DistanceAsync(peers[placement.Provider], [peers[placement.Client]]));
            await peers.PokeAsync(placement.Provider, 0x600D, 0x100);
            if (placement.SeesRoot is null) return;
            read = await peers.ReadAsync(placement.Client, placement.Provider, bytes: 512);
            Assert.Equal(0x600Du, await peers.PeekAsync(placement.Client));
        });

        Assert.Equal(placement.Hops, distance!.Hops);
        Assert.Equal(placement.MapType, distance.MapType);
        if (placement.SeesRoot is not { } seesRoot) return;
        Assert.Equal(CompletionStatus.SuccessfulCompletion, read);
        Assert.Equal(seesRoot, path.RequestActors.Contains("host0") || path.CompletionActors.Contains("host0"));
        // Where Linux uses bus addresses it may rely on the root complex seeing nothing.
        if (distance.MapType == PeerMapType.BusAddress) Assert.False(seesRoot);
    }

    [Fact]
    public void TheDocumentedTableIsTheOneOfThePlacements()
    {
        var table = new StringBuilder("| placement | ACS enabled | host | distance | Linux map type | root complex sees it |\n|---|---|---|---|---|---|\n");
        foreach (var p in Placement.All)
        {
            var acs = p.Acs.Length == 0 ? "none" : string.Join(", ", p.Acs.Select(a => $"{Short(a.Controls)} at `{a.Path["host0/".Length..]}`"));
            var host = p.Host.Length == 0 ? "Zen 3" : $"Intel {p.Host[6..]}";
            var sees = p.SeesRoot switch { true => "yes", false => "no", _ => "-" };
            table.Append($"| {p.What} | {acs} | {host} | {p.Hops} | {MapTypeName(p.MapType)} | {sees} |\n");
        }

        var document = Path.Combine(Documents.Shipped.Config, "..", "docs", "peer-to-peer.md");
        var text = File.ReadAllText(document);
        var (start, end) = (text.IndexOf("| placement |", StringComparison.Ordinal), text.IndexOf("\n\n", text.IndexOf("| placement |", StringComparison.Ordinal), StringComparison.Ordinal) + 1);
        if (GeneratedFiles.AreToBeWritten) File.WriteAllText(document, text = text[..start] + table + text[end..]);
        Assert.Contains(table.ToString(), text, StringComparison.Ordinal);
    }

    [Fact]
    public void DistancesOfSeveralClientsAddUpAndOneOutOfReachSpoilsThem()
    {
        using var fabric = new PeerFabric(host: "cpu: { vendor: intel, family: 6 }, host-bridge: { vendor: 0x8086, device: 0x1234 },");
        fabric.Run(async peers =>
        {
            var linux = new PeerToPeerDma(peers.Host, peers.Hierarchies);
            EnumeratedFunction a = peers[PeerFabric.A], b = peers[PeerFabric.B], c = peers[PeerFabric.C], duo = peers[PeerFabric.Duo0], alone = peers[PeerFabric.Alone];
            Assert.Null(await linux.DistanceAsync(a, []));
            Assert.Equal(8, await linux.DistanceAsync(a, [b, c]));
            Assert.Equal(4, await linux.DistanceAsync(b, [b, c]));
            Assert.Null(await linux.DistanceAsync(a, [b, alone]));
            Assert.Same(b, await linux.FindProviderAsync([a, b, duo, alone], [b, c]));
            Assert.Null(await linux.FindProviderAsync([alone], [b]));
            Assert.Contains(await linux.FindProviderAsync([a, duo], [b]), new[] { a, duo });
        });
    }

    [Fact]
    public void TheRedirectingPortsAreNamedAndDisablingThemShortensTheWay()
    {
        using var fabric = new PeerFabric();
        fabric.Run(async peers =>
        {
            var linux = new PeerToPeerDma(peers.Host, peers.Hierarchies);
            await peers.Acs.EnableIsolationAsync(peers.Hierarchies[0]);
            var distance = await linux.DistanceAsync(peers[PeerFabric.A], peers[PeerFabric.B]);
            Assert.Equal(PeerMapType.ThroughHostBridge, distance.MapType);
            // The functions have redirection too, and Linux asks them as well.
            Assert.Equal([peers[PeerFabric.A], peers[PeerFabric.Dp0], peers[PeerFabric.B], peers[PeerFabric.Dp1]], distance.Redirecting);
            foreach (var function in distance.Redirecting) await peers.Acs.DisableRedirectAsync(function);
            Assert.Equal(PeerMapType.BusAddress, (await linux.DistanceAsync(peers[PeerFabric.A], peers[PeerFabric.B])).MapType);
            Assert.Equal(AcsControls.SourceValidation | AcsControls.UpstreamForwarding, await peers.Acs.EnabledAsync(peers[PeerFabric.Dp0]));
        });
    }

    private static PeerFabric Make(Placement placement) =>
        new(Placement.Topology.Replace("BRIDGE", placement.BridgeKeys, StringComparison.Ordinal), placement.ProcessorKeys);

    private static string MapTypeName(PeerMapType type) => type switch
    {
        PeerMapType.BusAddress => "BUS_ADDR",
        PeerMapType.ThroughHostBridge => "THRU_HOST_BRIDGE",
        _ => "NOT_SUPPORTED",
    };

    private static string Short(AcsControls controls)
    {
        (AcsControls, string)[] names =
        [
            (AcsControls.SourceValidation, "SV"), (AcsControls.TranslationBlocking, "TB"), (AcsControls.PeerRequestRedirect, "RR"), (AcsControls.PeerCompletionRedirect, "CR"),
            (AcsControls.UpstreamForwarding, "UF"), (AcsControls.PeerEgressControl, "EC"), (AcsControls.DirectTranslatedPeer, "DT"),
        ];
        return string.Join("+", names.Where(n => controls.HasFlag(n.Item1)).Select(n => n.Item2));
    }
}
