using PcieFabric.Actors.Tests.Documents;
using PcieFabric.Addressing;
using PcieFabric.ConfigSpaces;
using PcieFabric.ConfigSpaces.Capabilities;
using PcieFabric.ConfigSpaces.Functions;
using PcieFabric.Documents;
using PcieFabric.Input;
using PcieFabric.RootComplexes;
using PcieFabric.RootComplexes.Enumeration;
using PcieFabric.Topologies;
using PcieFabric.Topologies.Building;
using PcieFabric.Topologies.Enumerated;
using PcieFabric.Topologies.Reading;
using Xunit.Abstractions;

namespace PcieFabric.Actors.Tests.Topologies;

public sealed class EnumeratedFabricTests(ITestOutputHelper output)
{
    public static TheoryData<string> Topologies => Shipped.Names("topologies");

    [Theory]
    [MemberData(nameof(Topologies))]
    public void AShippedTopologyIsFoundAsAWholeWithinTheWindowsOfItsBridges(string file)
    {
        using var fabric = FabricBuilder.Build(Read(file));
        var enumerated = EnumeratedFabric.Enumerate(fabric, threads: 2);

        var functions = enumerated.Hosts.SelectMany(host => host.Functions).ToList();
        Assert.Equal(
            TopologyInstances.Functions(fabric.Topology).Select(function => function.Path).Concat(fabric.Ports.Keys).Concat(HostBridges(fabric)).Order(StringComparer.Ordinal),
            functions.Select(function => function.Path).Order(StringComparer.Ordinal));
        foreach (var segment in enumerated.Hosts.SelectMany(host => host.Segments))
        {
            foreach (var port in segment.RootBus)
                AssertInside(port, segment.Settings.Memory, segment.Settings.Prefetchable, segment.Settings.Io);
            AssertApart(segment.Functions.SelectMany(function => function.Found.Bars).Where(bar => bar.Kind != BarKind.Io).Select(bar => bar.Range));
        }
        output.WriteLine($"{functions.Count} functions");
    }

    [Fact]
    public void TheRackHas4096FunctionsAndAsManyOnOneThread()
    {
        var topology = Read("rack.yaml");
        using var together = FabricBuilder.Build(topology);
        using var alone = FabricBuilder.Build(topology, new FabricOptions { Partitions = 1 });

        var found = Describe(EnumeratedFabric.Enumerate(together, threads: 2));
        Assert.Equal(4096, found.Count(line => line.Contains("/octet/fn", StringComparison.Ordinal)));
        Assert.Equal(found, Describe(EnumeratedFabric.Enumerate(alone)));
    }

    [Theory]
    [MemberData(nameof(Topologies))]
    public void ActorsHoldWhatSoftwareSaw(string file)
    {
        using var fabric = FabricBuilder.Build(Read(file));
        foreach (var function in EnumeratedFabric.Enumerate(fabric, threads: 2).Hosts.SelectMany(host => host.Functions))
        {
            var (found, space) = (function.Found, function.Space);
            foreach (var bar in found.Bars)
            {
                var register = space.Read(new RegisterOffset(0x10 + 4 * bar.Index));
                var upper = bar.Kind == BarKind.Memory64 ? space.Read(new RegisterOffset(0x14 + 4 * bar.Index)) : 0;
                Assert.Equal(bar.Range.Base, (ulong)upper << 32 | register & (bar.Kind == BarKind.Io ? ~3u : ~15u));
            }
            Assert.True(space[space.Layout.Header.Command.BusMasterEnable]);
            if (space.Layout is not FunctionLayout layout) continue;
            Assert.Equal((uint)found.PciExpress!.LinkSpeed, space[layout.Express.Link!.CurrentSpeed]);
            if (found.Bridge is { } bridge)
                Assert.Equal((uint)(function.Bdf.Bus | bridge.SecondaryBus << 8 | bridge.SubordinateBus << 16), space.Read(new RegisterOffset(0x18)) & 0xFFFFFF);
        }
    }

    [Fact]
    public void PortsAreFoundAlsoWhereThereAreMoreThanDevices()
    {
        using var fabric = FabricBuilder.Build(Many("""
            hosts:
              host0:
                ports: [{ attach: fan }, { attach: card, count: 39 }]
            """));
        var segment = EnumeratedFabric.Enumerate(fabric).Hosts[0].Segments[0];

        Assert.Equal(40, segment.RootBus.Count);
        Assert.Equal(40, segment.RootBus[0].Children[0].Children.Count);
        Assert.Equal(79, segment.Functions.Count(function => !function.Found.IsBridge));
    }

    [Fact]
    public void ASegmentCanUseAllOfItsNumbers()
    {
        using var fabric = FabricBuilder.Build(Read("segment.yaml"));
        var segment = EnumeratedFabric.Enumerate(fabric).Hosts[0].Segments[0];

        Assert.Equal(Enumerable.Range(0, 65_536), segment.Functions.Select(function => (int)function.Bdf.Value).Order());
    }

    [Fact]
    public void TheHostBridgeIsAFunctionWhereRootPortsShareItsDevice()
    {
        using var fabric = FabricBuilder.Build(Many("""
            hosts:
              host0:
                host-bridge: { vendor: 0x8086, device: 0x1237 }
                ports: [{ attach: card, count: 249 }]
            """));
        var segment = EnumeratedFabric.Enumerate(fabric).Hosts[0].Segments[0];

        var bridge = segment.RootBus[0];
        Assert.Equal((new Bdf(0, 0, 0), "host0/host-bridge"), (bridge.Bdf, bridge.Path));
        Assert.Equal((0x8086, 0x1237, HostBridgeFunction.ClassCode), (bridge.Found.Identity.VendorId, bridge.Found.Identity.DeviceId, bridge.Found.Identity.ClassCode));
        Assert.Equal((new Bdf(0, 0, 1), "host0/rp248"), (segment.RootBus[1].Bdf, segment.RootBus[1].Path));
        Assert.Equal(250, segment.RootBus.Count);
    }

    [Fact]
    public void WithFewerRootPortsNothingAnswersInTheHostBridgesPlace()
    {
        using var fabric = FabricBuilder.Build(Many("hosts: { host0: { ports: [{ attach: card, count: 248 }] } }"));
        var segment = EnumeratedFabric.Enumerate(fabric).Hosts[0].Segments[0];

        Assert.Equal(248, segment.RootBus.Count);
        Assert.Null(segment.Found.Find(new Bdf(0, 0, 0)));
    }

    [Fact]
    public void SlotsOfAHostHaveNumbersOfTheirOwn()
    {
        using var fabric = FabricBuilder.Build(Read("two-level.yaml"));
        var slots = EnumeratedFabric.Enumerate(fabric).Hosts[0].Functions
            .Where(function => ((FunctionLayout)function.Space.Layout).Express.Slot is not null)
            .Select(function => function.Space[((FunctionLayout)function.Space.Layout).Express.Slot!.PhysicalSlotNumber]).ToList();

        Assert.Equal(13, slots.Count);
        Assert.Equal(Enumerable.Range(1, 13).Select(number => (uint)number), slots.Order());
    }

    [Fact]
    public void EachSegmentOfAHostHasItsOwnBuses()
    {
        using var fabric = FabricBuilder.Build(Many("""
            hosts:
              host0:
                root-complexes:
                  left: { ports: [{ attach: card }] }
                  right: { segment: 7, ports: [{ attach: none }, { attach: card }] }
            """));
        var segments = EnumeratedFabric.Enumerate(fabric).Hosts[0].Segments;

        Assert.Equal([0, 7], segments.Select(segment => segment.Settings.Segment));
        Assert.Equal(["host0/left/rp0", "host0/left/rp0/card/fn0"], segments[0].Functions.Select(function => function.Path));
        Assert.Equal(["host0/right/rp0", "host0/right/rp1", "host0/right/rp1/card/fn0"], segments[1].Functions.Select(function => function.Path));
        Assert.Empty(segments[1].RootBus[0].Children);
    }

    [Fact]
    public void OneHostCanEnumerateAlone()
    {
        using var fabric = FabricBuilder.Build(Read("rack.yaml"));
        var host = Assert.Single(EnumeratedFabric.Enumerate(fabric, "node2").Hosts);

        Assert.Equal(("node2", 2), (host.Name, host.Place));
        Assert.Equal(1024, host.Functions.Count(function => !function.Found.IsBridge));
        Assert.Equal(0u, fabric.Ports["node1/rp0"].Space.Read(new RegisterOffset(0x18)));
    }

    [Fact]
    public void AHostThatIsNotThereIsRefusedWithTheNearestName()
    {
        using var fabric = FabricBuilder.Build(Read("rack.yaml"));

        var wrong = Assert.Throws<InputException>(() => EnumeratedFabric.Enumerate(fabric, "nod2"));
        Assert.Contains("'nod2'", wrong.Message);
        Assert.Contains("node", wrong.Hint);
    }

    [Fact]
    public void TooSmallAWindowPointsAtTheHost()
    {
        using var fabric = FabricBuilder.Build(Many("""
            hosts:
              host0:
                prefetchable-window: { base: 0x10000000000, size: 1 MiB }
                ports: [{ attach: card, count: 2 }]
            """));

        var wrong = Assert.Throws<InputException>(() => EnumeratedFabric.Enumerate(fabric));
        Assert.Equal("many.yaml", wrong.Location?.File);
        Assert.Contains("host 'host0' cannot enumerate", wrong.Message);
    }

    private static TopologyDefinition Read(string file) => TopologyReader.Read(Path.Combine(Shipped.Config, "topologies", file));

    private static TopologyDefinition Many(string hosts) => TopologyReader.Read(new SourceText("many.yaml", $"""
        name: many
        functions:
          dma: {"{"} vendor: 0x1d0f, device: 1, bars: [{"{"} index: 0, size: 1 MiB, prefetchable: true {"}"}] {"}"}
        endpoints:
          card: {"{"} functions: [dma] {"}"}
        switches:
          fan: {"{"} ports: [{"{"} attach: card, count: 40 {"}"}] {"}"}
        {hosts}
        """));

    private static List<string> Describe(EnumeratedFabric fabric) =>
        [.. fabric.Hosts.SelectMany(host => host.Functions).Select(function => $"{function.Path} {function.Found} {string.Join(' ', function.Found.Bars)} {function.Found.Bridge}")];

    private static IEnumerable<string> HostBridges(Fabric fabric) => fabric.Hosts.Where(host => host.Value.HostBridges[0] is not null).Select(host => $"{host.Key}/host-bridge");

    private static void AssertInside(PlacedFunction function, AddressRange memory, AddressRange prefetchable, AddressRange io)
    {
        foreach (var bar in function.Found.Bars)
            Assert.Contains((AddressRange[])[memory, prefetchable, io], window => window.Contains(bar.Range.Base, bar.Range.Size));
        if (function.Found.Bridge is not { } bridge) return;
        Assert.All(function.Children, child => Assert.InRange(child.Bdf.Bus, bridge.SecondaryBus, bridge.SecondaryBus));
        Within(bridge.Memory, memory);
        Within(bridge.PrefetchableMemory, prefetchable);
        Within(bridge.Io, io);
        foreach (var child in function.Children)
            AssertInside(child, bridge.Memory, bridge.PrefetchableMemory, bridge.Io);

        static void Within(AddressRange inner, AddressRange outer) => Assert.True(inner.IsEmpty || outer.Contains(inner.Base, inner.Size), $"{inner} is not within {outer}");
    }

    private static void AssertApart(IEnumerable<AddressRange> ranges)
    {
        var previous = AddressRange.Empty;
        foreach (var range in ranges.OrderBy(range => range.Base))
        {
            Assert.False(range.Overlaps(previous), $"{range} overlaps {previous}");
            previous = range;
        }
    }
}
