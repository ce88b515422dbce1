using PcieFabric.Actors.Tests.Documents;
using PcieFabric.Addressing;
using PcieFabric.Documents;
using PcieFabric.Links;
using PcieFabric.RootComplexes;
using PcieFabric.Topologies;
using PcieFabric.Topologies.Reading;
using PcieFabric.Units;

namespace PcieFabric.Actors.Tests.Topologies;

public sealed class TopologyReaderTests
{
    private const string Head = "name: t\nfunctions:\n  dma: { vendor: 0x1d0f, device: 0x10, settings: { queue: 4 KiB } }\nendpoints:\n  card: { functions: [dma] }\n";

    private static TopologyDefinition Read(string text) => TopologyReader.Read(new SourceText("t.yaml", text));

    [Fact]
    public void WhatAFileLeavesOutIsWhatADefinitionLeavesOut()
    {
        var host = Assert.Single(Read(Head + "hosts:\n  host0: { ports: [{ attach: card }] }\n").Hosts);
        var rootComplex = Assert.Single(host.RootComplexes);
        var port = Assert.Single(rootComplex.Ports);
        var function = Assert.IsType<EndpointDefinition>(port.Attached).Functions[0];

        Assert.Equal(PortDefinition.DefaultLink, port.Link);
        Assert.Equal(new HostDefinition { Name = "host0", RootComplexes = host.RootComplexes, Source = host.Source }, host);
        Assert.Equal(new RootComplexDefinition { Ports = rootComplex.Ports, Source = rootComplex.Source }, rootComplex);
        Assert.Equal(
            new FunctionDefinition { Name = "dma", VendorId = 0x1d0f, DeviceId = 0x10, ModelSource = function.ModelSource, Settings = function.Settings, Bars = function.Bars, Source = function.Source },
            function);
    }

    [Fact]
    public void ASwitchLeftAtItsDefaultsIsADefaultSwitch()
    {
        var topology = Read(Head + "switches:\n  leaf: { ports: [{ attach: none }] }\nhosts:\n  host0: { ports: [{ attach: leaf }] }\n");
        var leaf = Assert.IsType<SwitchDefinition>(topology.Hosts[0].RootComplexes[0].Ports[0].Attached);
        Assert.Equal(new SwitchDefinition { Name = "leaf", Ports = leaf.Ports, Source = leaf.Source }, leaf);
        Assert.Null(leaf.Ports[0].Attached);
    }

    [Fact]
    public void AnEndpointLeftAtItsDefaultsIsADefaultEndpoint()
    {
        var port = Read(Head + "hosts:\n  host0: { ports: [{ attach: card }] }\n").Hosts[0].RootComplexes[0].Ports[0];
        var card = Assert.IsType<EndpointDefinition>(port.Attached);
        Assert.Equal(new EndpointDefinition { Name = "card", Functions = card.Functions, Source = card.Source }, card);
    }

    [Fact]
    public void APortOverridesTheDefaultLinkKeyByKey()
    {
        var topology = Read("name: t\ndefaults: { link: { generation: 5, width: 16, credits: { posted: { headers: 32, data: 512 }, non-posted: { headers: 32, data: 32 }, completion: { headers: infinite, data: infinite } } } }\n"
            + Head[8..] + "hosts:\n  host0: { ports: [{ attach: card, link: { width: 4, latency: 1.5 us } }, { attach: card }] }\n");
        var ports = topology.Hosts[0].RootComplexes[0].Ports;

        var credits = new CreditLimits(new(32, 512), new(32, 32), CreditLimit.Infinite);
        Assert.Equal(new LinkSettings { Generation = LinkGeneration.Gen5, Width = LinkWidth.X4, Propagation = SimTime.FromNanoseconds(1500), Credits = credits }, ports[0].Link);
        Assert.Equal(ports[0].Link with { Width = LinkWidth.X16, Propagation = PortDefinition.DefaultLink.Propagation }, ports[1].Link);
    }

    [Fact]
    public void EveryPathOfTheTwoLevelTopologyIsUnique()
    {
        var topology = TopologyReader.Read(Path.Combine(Shipped.Config, "topologies", "two-level.yaml"));
        var paths = TopologyInstances.Functions(topology).Select(function => function.Path).ToList();

        Assert.Equal(2 * (4 + 4 + 12) + 1 + 4, paths.Count);
        Assert.Equal(paths.Count, paths.Distinct().Count());
        Assert.Equal("host0/rp0/spine/dp0/leaf/dp0/quad/fn0", paths[0]);
        Assert.Equal("host0/rp1/quad/fn3", paths[^1]);
        Assert.Contains("host0/rp0/spine/dp1/leaf/dp2/many/fn11", paths);
        Assert.Equal(1 + 2 + (1 + 3) + 2 * (1 + 4), TopologyRules.BusesOf(topology.Hosts[0].RootComplexes[0]));
    }

    [Fact]
    public void TheRackHas4096FunctionsThatShareOneDefinition()
    {
        var topology = TopologyReader.Read(Path.Combine(Shipped.Config, "topologies", "rack.yaml"));
        var functions = TopologyInstances.Functions(topology).ToList();

        Assert.Equal(4096, functions.Count);
        Assert.Equal(4096, functions.Select(function => function.Path).Distinct().Count());
        Assert.Single(functions.Select(function => function.Function).Distinct(ReferenceEqualityComparer.Instance));
        Assert.Equal(["node0", "node1", "node2", "node3"], topology.Hosts.Select(host => host.Name));
        Assert.All(topology.Hosts, host => Assert.Equal(149, TopologyRules.BusesOf(host.RootComplexes[0])));
        Assert.All(topology.Hosts, host => Assert.Equal(1024, TopologyRules.FunctionsOf(host.RootComplexes[0])));
    }

    [Fact]
    public void TheRackIsReadWithNoMoreMemoryThanItsPlacesTake()
    {
        // 4,096 functions, of which 302 bytes each were measured. Time would tell as much, but not on every machine.
        var path = Path.Combine(Shipped.Config, "topologies", "rack.yaml");
        var taken = Allocation.Of(() => Assert.Equal(4, TopologyReader.Read(path).Hosts.Count));
        Assert.InRange(taken, 1, 4096 * 400);
    }

    [Fact]
    public void RootComplexesOfOneHostShareItsWindowsAndAreSegmentsInTurn()
    {
        var topology = Read(Head + "hosts:\n  host0:\n    root-complexes:\n      a: { ports: [{ attach: card }] }\n      b: { ports: [{ attach: card }], peer-to-peer: writes-only }\n      c: { segment: 7, ports: [{ attach: card }] }\n");
        var rootComplexes = topology.Hosts[0].RootComplexes;

        Assert.Equal([0, 1, 7], rootComplexes.Select(rootComplex => rootComplex.Segment));
        Assert.Equal(new AddressRange(0x9000_0000, 0x1000_0000), rootComplexes[1].MemoryWindow);
        Assert.Equal(new AddressRange(0x1000, 0x3000), rootComplexes[0].IoWindow);
        Assert.Equal(PeerToPeerPolicy.WritesOnly, rootComplexes[1].PeerToPeer);
        Assert.Equal(["host0/a/rp0/card/fn0", "host0/b/rp0/card/fn0", "host0/c/rp0/card/fn0"], TopologyInstances.Functions(topology).Select(function => function.Path));
    }

    [Fact]
    public void AnchorsAndAliasesSaveWriting()
    {
        var topology = Read("name: t\nfunctions:\n  a: { vendor: 1, device: 1, bars: &bars [{ index: 0, size: 4 KiB }] }\n  b: { vendor: 1, device: 2, bars: *bars }\nendpoints:\n  card: { functions: [a, b] }\nhosts:\n  host0: { ports: [{ attach: card }] }\n");
        Assert.All(TopologyInstances.Functions(topology), function => Assert.Equal(4096u, Assert.Single(function.Function.Bars).Size));
    }

    [Fact]
    public void SettingsReachTheModelAsTheyWereWritten()
    {
        var topology = Read(Head + "hosts:\n  host0: { ports: [{ attach: card }] }\n");
        var setting = TopologyInstances.Functions(topology).Single().Function.Settings["queue"];
        Assert.Equal("4 KiB", setting.Text);
        Assert.Equal("t.yaml:3:59", setting.Source.ToString());
    }

    [Fact]
    public void PortsBeyondTheLastDeviceAreFurtherFunctionsOfTheDevices()
    {
        Assert.Equal((31, 0), (PortDefinition.DeviceNumber(31), PortDefinition.FunctionNumber(31)));
        Assert.Equal((0, 1), (PortDefinition.DeviceNumber(32), PortDefinition.FunctionNumber(32)));
        Assert.Equal((31, 0), (PortDefinition.RootDeviceNumber(30), PortDefinition.RootFunctionNumber(30)));
        Assert.Equal((1, 1), (PortDefinition.RootDeviceNumber(31), PortDefinition.RootFunctionNumber(31)));
        Assert.Equal((31, 7), (PortDefinition.RootDeviceNumber(247), PortDefinition.RootFunctionNumber(247)));
        Assert.Equal((0, 1), (PortDefinition.RootDeviceNumber(248), PortDefinition.RootFunctionNumber(248)));
        Assert.Equal((0, 7), (PortDefinition.RootDeviceNumber(Limits.MaxRootPorts - 1), PortDefinition.RootFunctionNumber(Limits.MaxRootPorts - 1)));
        Assert.Equal((31, 7), (PortDefinition.DeviceNumber(255), PortDefinition.FunctionNumber(255)));
    }
}
