using PcieFabric.Actors.Tests.Fabrics;
using PcieFabric.Documents;
using PcieFabric.EndpointControllers;
using PcieFabric.EndpointControllers.Profiles;
using PcieFabric.EndpointFunctions;
using PcieFabric.EndpointFunctions.EpfTests;
using PcieFabric.RootComplexes;
using PcieFabric.RootComplexes.Enumeration;
using PcieFabric.Topologies.Building;
using PcieFabric.Topologies.Reading;
using PcieFabric.Units;

namespace PcieFabric.Actors.Tests.HostDrivers;

/// <summary>A host with one root port, and below it a controller with test functions.</summary>
internal sealed class EndpointTestFabric : IDisposable
{
    /// <summary>For the controller's start and the training of its link.</summary>
    private static readonly SimTime Settling = SimTime.FromMilliseconds(30);

    public EndpointTestFabric(string controller, int functions = 1, string settings = "", FabricOptions? options = null, string model = "epf-test", string extra = "", string link = "generation: 3, width: 4", int virtualFunctions = 0)
    {
        var profile = ControllerProfiles.Find(controller);
        var below = virtualFunctions == 0 ? "" : $", virtual-functions: {{ kind: test, count: {virtualFunctions} }}";
        Fabric = FabricBuilder.Build(TopologyReader.Read(new SourceText("test.yaml", $$"""
            name: endpoint-test
            defaults: { link: { {{link}}, mps: 256 B, mrrs: 512 B } }
            {{extra}}
            functions:
              test: { model: {{model}}, vendor: 0x{{profile?.VendorId ?? 0x104c:x}}, device: 0x{{profile?.DeviceId ?? 0xb500:x}}, interrupt-pin: a, settings: { {{settings}} } }
            endpoints:
              card: { controller: {{controller}}, functions: [{ kind: test, count: {{functions}}{{below}} }] }
            hosts:
              host0: { memory: 64 MiB, ports: [{ attach: card }] }
            """)), options);
    }

    public Fabric Fabric { get; }

    public RootComplex Host => Fabric.Hosts["host0"];

    public EndpointController Controller => Fabric.Controllers["host0/rp0/card"];

    public BoundFunctionActor Software(int function = 0) => Fabric.BoundFunctions[$"host0/rp0/card/fn{function}"];

    public BoundFunctionActor VirtualSoftware(int vf, int function = 0) => Fabric.BoundFunctions[$"host0/rp0/card/fn{function}/vf{vf}"];

    public EpfTest Test(int function = 0) => (EpfTest)Software(function).Function;

    /// <summary>Runs the fabric until the host's programs have ended.</summary>
    public void Run(Func<Host, EnumeratedHierarchy, Task> program)
    {
        Host.Run(async host =>
        {
            await host.DelayAsync(Settling);
            await program(host, await EnumerateAsync(host));
        });
        RunToEnd();
    }

    public void RunToEnd(int mostSeconds = 600)
    {
        for (var tenths = 1; tenths <= mostSeconds * 10; tenths++)
        {
            Fabric.Engine.Run(until: SimTime.FromMilliseconds(100.0 * tenths));
            if (Host.SoftwareFinished) return;
        }
        throw new TimeoutException($"the host's software has not ended after {mostSeconds} s of virtual time");
    }

    public static async Task<EnumeratedHierarchy> EnumerateAsync(Host host)
    {
        var own = host.Hierarchies[0];
        return await new Enumerator(host.Configuration[0], new EnumeratorOptions { Memory = own.Memory, PrefetchableMemory = own.Prefetchable, Io = own.Io }).RunAsync();
    }

    /// <summary>Those of a function, VF 1 first.</summary>
    public static ValueTask<IReadOnlyList<EnumeratedFunction>> EnableVirtualFunctionsAsync(Host host, EnumeratedFunction physical, int count) =>
        new Enumerator(host.Configuration[0], new EnumeratorOptions { Memory = host.Hierarchies[0].Memory }).EnableVirtualFunctionsAsync(physical, count);

    /// <summary>The functions below the root port.</summary>
    public static EnumeratedFunction FunctionOf(EnumeratedHierarchy hierarchy, int function = 0) => hierarchy.RootBus[0].Children[function];

    /// <summary>Everything that was lent is back.</summary>
    public void AssertNothingLeaks()
    {
        AtRest.CheckTraffic(Fabric);
        Assert.Equal(0, Controller.OutboundWindowsInUse);
        Assert.All(Fabric.DmaEngines.Values, engine => Assert.Equal((0, true), (engine.RequestsOutstanding, engine.IsIdle)));
        Assert.All(Fabric.BoundFunctions.Values, software => Assert.Equal(0, software.RequestsOutstanding));
        Assert.Equal(0, Host.Host.Requesters[0].Outstanding);
        Assert.Empty(Fabric.Engine.Stopped);
    }

    public void Dispose() => Fabric.Dispose();
}
