using PcieFabric.Actors.Tests.HostDrivers;
using PcieFabric.DmaEngines;
using PcieFabric.EndpointFunctions.EpfDoorbells;
using PcieFabric.HostDrivers;
using PcieFabric.InterruptControllers;
using PcieFabric.RootComplexes;
using PcieFabric.RootComplexes.Enumeration;
using PcieFabric.Topologies.Building;
using PcieFabric.Units;

namespace PcieFabric.Actors.Tests.Doorbells;

/// <summary>A host and a controller whose functions are all doorbells.</summary>
internal static class DoorbellFabric
{
    /// <summary>As <c>qemu-epc</c>, and with a DMA engine in BAR 4: so it has all four kinds.</summary>
    private const string AllKinds = """
        controllers:
          all-kinds:
            host-id: { vendor: 0x104c, device: 0xb500 }
            interrupts: { msi: true, msix: true, intx: declared }
            inbound: { windows: 64, dynamic: true, subranges: true, alignment: 4 KiB }
            outbound: { windows: 64 }
            functions: 8
            dma: { kind: edma, write-channels: 2, read-channels: 2 }
            interrupt-controller: { kinds: [its, ims], doorbells: 256 }
            bars:
              - programmable
              - programmable
              - programmable
              - programmable
              - { use: reserved, size: 64 KiB, resources: [{ kind: dma-control, offset: 4 KiB, size: 4 KiB }] }
              - programmable
        """;

    public static EndpointTestFabric Of(string kind, int functions, int doorbells, string more = "", FabricOptions? options = null) =>
        new("all-kinds", functions, $"kind: {kind}, doorbells: {doorbells}{more}", options, "epf-doorbell", AllKinds);

    public static EpfDoorbell DoorbellsOf(this EndpointTestFabric fabric, int function = 0) => (EpfDoorbell)fabric.Software(function).Function;

    public static EndpointInterrupts InterruptsOf(this EndpointTestFabric fabric) => fabric.Fabric.EndpointInterrupts["host0/rp0/card"];

    public static EmbeddedDmaCounters EmbeddedOf(this EndpointTestFabric fabric) => ((EmbeddedDma)fabric.Fabric.DmaEngines["host0/rp0/card"]).Counters;

    public static async Task<EpfDoorbellDriver> DriverOfAsync(this Host host, EnumeratedHierarchy hierarchy, int function = 0)
    {
        var driver = await EpfDoorbellDriver.ProbeAsync(host, EndpointTestFabric.FunctionOf(hierarchy, function));
        Assert.NotNull(driver);
        return driver;
    }

    public static async Task<EpfDoorbellDriver[]> DriversAsync(this Host host, EnumeratedHierarchy hierarchy, int functions)
    {
        var drivers = new EpfDoorbellDriver[functions];
        for (var i = 0; i < functions; i++) drivers[i] = await host.DriverOfAsync(hierarchy, i);
        return drivers;
    }

    /// <summary>A read behind all that was written before, and time for what it has set off.</summary>
    public static async Task SettleAsync(this Host host, EpfDoorbellDriver driver)
    {
        await driver.ReadTotalAsync();
        await host.DelayAsync(SimTime.FromMilliseconds(1));
    }

    public static long[] Of(this RingCounters counters, params RingOutcome[] outcomes) => [.. outcomes.Select(outcome => counters[outcome])];
}
