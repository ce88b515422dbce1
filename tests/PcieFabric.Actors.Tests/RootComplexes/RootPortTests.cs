using PcieFabric.Actors.Tests.Fabrics;

namespace PcieFabric.Actors.Tests.RootComplexes;

public class RootPortTests
{
    [Fact]
    public void MoreRootPortsThanDevicesBecomeFunctions()
    {
        var part = Parts.Endpoint("a");
        using var fabric = new TestFabric(Parts.Host([.. Enumerable.Range(0, 40).Select(_ => Parts.Port(part))]));
        fabric.Run(async (host, bus) =>
        {
            Assert.Equal(40, bus.Endpoints.Count);
            for (var i = 0; i < 40; i++) Assert.Equal(0xA500_0000u, await host.Read32Async(bus.Bar(i, 0)));
        });
    }

    [Fact]
    public void TwoHundredFunctionsAnswerByAri()
    {
        var kind = Parts.Function("f");
        using var fabric = new TestFabric(Parts.Host(Parts.Switch("sw", Parts.Endpoint("a", [.. Enumerable.Repeat(kind, 200)]) with { Ari = true })));
        fabric.Run(async (host, bus) =>
        {
            Assert.Equal(200, bus.Endpoints.Count);
            Assert.Equal(Enumerable.Range(0, 200), bus.Endpoints.Select(e => (int)e.Bdf.AriFunction));
            Assert.Equal(0xA500_0000u, await host.Read32Async(bus.Bar(199, 0)));
        });
    }
}
