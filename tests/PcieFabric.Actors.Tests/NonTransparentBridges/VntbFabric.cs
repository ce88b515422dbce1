using PcieFabric.Actors.Tests.HostDrivers;
using PcieFabric.EndpointControllers;
using PcieFabric.EndpointFunctions;
using PcieFabric.EndpointFunctions.EpfVntbs;
using PcieFabric.HostDrivers;
using PcieFabric.NonTransparentBridges;
using PcieFabric.RootComplexes;
using PcieFabric.Topologies.Building;
using PcieFabric.Units;

namespace PcieFabric.Actors.Tests.NonTransparentBridges;

/// <summary>A host and an endpoint with a virtual NTB between them. Polls are short, so that tests are.</summary>
internal sealed class VntbFabric : IDisposable
{
    public const string Windows = "mw1: 64 KiB, mw2: 256 KiB";

    public VntbFabric(string controller = "qemu-epc", string settings = Windows, string poll = "50 us", FabricOptions? options = null, string link = "generation: 3, width: 4") =>
        Bench = new EndpointTestFabric(controller, settings: $"{settings}, poll-interval: {poll}", model: "epf-vntb", options: options, link: link);

    public EndpointTestFabric Bench { get; }

    public EpfVntb Endpoint => (EpfVntb)Bench.Software().Function;

    public LocalMemory Local => Bench.Software().Memory;

    /// <summary>Adds software of the endpoint.</summary>
    public void OnEndpoint(Func<BoundSoftware, Task> program) => Bench.Software().Run(program);

    /// <summary>Memory of the endpoint as large as a window, to be shown in it.</summary>
    public ulong AllocateShown(int window)
    {
        var rules = Endpoint.Window(window);
        Assert.True(Local.TryAllocate(rules.SizeBytes, rules.AddressAlignmentBytes, out var address));
        return address;
    }

    /// <summary>Runs until the host's software has ended.</summary>
    public void Run(Func<Host, NtbEpfDriver, Task> program, NtbEpfBars? bars = null) =>
        Bench.Run(async (host, tree) =>
        {
            var driver = await NtbEpfDriver.ProbeAsync(host, 0, EndpointTestFabric.FunctionOf(tree), bars);
            Assert.NotNull(driver);
            await program(host, driver);
        });

    /// <summary>The link comes up within a few polls, or it does not.</summary>
    public static async Task<bool> ComesUpAsync(Host host, INtbPort port)
    {
        for (var i = 0; i < 200; i++)
        {
            if (await port.IsLinkUpAsync()) return true;
            await host.DelayAsync(SimTime.FromMicroseconds(100));
        }
        return false;
    }

    public static async Task<bool> ComesUpAsync(BoundSoftware software, INtbPort port)
    {
        for (var i = 0; i < 2000; i++)
        {
            if (await port.IsLinkUpAsync()) return true;
            await software.DelayAsync(SimTime.FromMicroseconds(100));
        }
        return false;
    }

    /// <summary>Everything that was lent is back.</summary>
    public void AssertNothingLeaks() => Bench.AssertNothingLeaks();

    public void Dispose() => Bench.Dispose();
}
