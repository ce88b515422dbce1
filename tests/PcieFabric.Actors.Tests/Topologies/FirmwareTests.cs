using PcieFabric.Documents;
using PcieFabric.Switches;
using PcieFabric.Topologies.Building;
using PcieFabric.Topologies.Enumerated;
using PcieFabric.Topologies.Reading;
using PcieFabric.Units;

namespace PcieFabric.Actors.Tests.Topologies;

/// <summary>What hosts do before anything else, whoever starts them.</summary>
public sealed class FirmwareTests
{
    private const string Parts = """
        functions:
          test: { model: epf-test, vendor: 0x104c, device: 0xb500 }
          dma: { vendor: 0x1d0f, device: 1, bars: [{ index: 0, size: 64 KiB }] }
        endpoints:
          soc: { controller: qemu-epc, functions: [{ kind: test, count: 2 }] }
          card: { functions: [dma] }
        switches:
          leaf: { ports: [{ attach: soc }, { attach: card, count: 2 }] }
        """;

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void FunctionsOfControllersAreFoundOnceTheirLinksAreUp(int partitions)
    {
        using var fabric = Build("hosts: { host0: { memory: 64 MiB, ports: [{ attach: leaf }] } }", partitions);

        var host = Assert.Single(EnumeratedFabric.Enumerate(fabric, threads: 2).Hosts);

        Assert.Equal(
            ["host0/rp0/leaf/dp0/soc/fn0", "host0/rp0/leaf/dp0/soc/fn1", "host0/rp0/leaf/dp1/card/fn0", "host0/rp0/leaf/dp2/card/fn0"],
            host.Functions.Where(function => !function.Found.IsBridge).Select(function => function.Path));
        Assert.True(host.Finished > Firmware.Patience);
        // The test function polls for ever, and the fabric stops all the same.
        Assert.True(fabric.Engine.Now < SimTime.FromMilliseconds(200));
    }

    [Fact]
    public void WithoutControllersThereIsNothingToWaitFor()
    {
        using var fabric = Build("hosts: { host0: { memory: 64 MiB, ports: [{ attach: card }] } }");

        Assert.True(Assert.Single(EnumeratedFabric.Enumerate(fabric).Hosts).Finished < SimTime.FromMilliseconds(1));
    }

    [Fact]
    public void AllowListsAreLoadedIntoEveryGuard()
    {
        using var fabric = Build("""
            hosts:
              host0: { memory: 64 MiB, ports: [{ attach: leaf }], peer-to-peer: { allow: [[host0/rp0/leaf/dp1/card/fn0, host0/rp0/leaf/dp2/card/fn0]] } }
            """);

        EnumeratedFabric.Enumerate(fabric);

        Assert.True(fabric.Hosts["host0"].PeerGuards[0].IsEnabled);
        Assert.True(((DownstreamPort)fabric.Ports["host0/rp0/leaf/dp1"]).Guard!.IsEnabled);
    }

    private static Fabric Build(string hosts, int partitions = 1) =>
        FabricBuilder.Build(TopologyReader.Read(new SourceText("firmware.yaml", $"name: firmware\n{Parts}\n{hosts}\n")), new FabricOptions { Partitions = partitions });
}
