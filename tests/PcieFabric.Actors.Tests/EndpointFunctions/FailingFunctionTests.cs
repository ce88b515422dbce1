using PcieFabric.Actors.Tests.Fabrics;

namespace PcieFabric.Actors.Tests.EndpointFunctions;

public class FailingFunctionTests
{
    [Fact]
    public void AFunctionThatFailsAbortsWhatTheHostAsksOfIt()
    {
        using var fabric = new TestFabric(Parts.Host(Parts.Endpoint("a")));
        fabric.Probes[0].Register = offset => offset == 8 ? throw new FormatException("broken register") : 5u;
        CompletionStatus[] answers = [];
        fabric.Root.Run(async host =>
        {
            var bus = await Bus.EnumerateAsync(host);
            Assert.Equal(5u, await host.Read32Async(bus.Bar(0, 0)));
            var first = await host.ReadAsync(bus.Bar(0, 0), new byte[64]);
            var second = await host.ReadAsync(bus.Bar(0, 0), new byte[4]);
            await host.WriteAsync(bus.Bar(0, 0), new byte[64]);
            answers = [first.Status, second.Status];
        });

        fabric.Engine.Run();

        Assert.Equal([CompletionStatus.CompleterAbort, CompletionStatus.CompleterAbort], answers);
        Assert.IsType<FormatException>(Assert.Single(fabric.Engine.Stopped).Failure);
        AtRest.CheckTraffic(fabric.Fabric);
    }

    [Fact]
    public void AFailureInTheMidstOfDmaLeaksNothing()
    {
        using var fabric = new TestFabric(Parts.Host(Parts.Switch("sw", Parts.Endpoint("a"))));
        var probe = fabric.Probes[0];
        probe.Doorbell = async (_, _) =>
        {
            var reads = Enumerable.Range(0, 20).Select(i => probe.Read(0x10000 + (ulong)i * 4096, new byte[4096]).AsTask()).ToArray();
            await reads[0];
            throw new FormatException("broken");
        };
        fabric.Root.Run(async host =>
        {
            var bus = await Bus.EnumerateAsync(host);
            await host.Write32Async(bus.Bar(0, 0), 1);
        });

        fabric.Engine.Run();

        Assert.Single(fabric.Engine.Stopped);
        AtRest.CheckTraffic(fabric.Fabric);
    }
}
