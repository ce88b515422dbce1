using PcieFabric.Actors.Tests.Fabrics;

namespace PcieFabric.Actors.Tests.RootComplexes;

public class MemoryAccessTests
{
    [Fact]
    public void TheHostReadsWhatItWroteAcrossASwitch()
    {
        using var fabric = new TestFabric(Parts.Host(Parts.Switch("sw", Parts.Endpoint("a"), Parts.Endpoint("b")), null));

        fabric.Run(async (host, bus) =>
        {
            var data = new byte[1000];
            host.Random.Fill(data);
            await host.WriteAsync(bus.Bar(1, 2) + 3, data);
            var back = new byte[1000];
            var result = await host.ReadAsync(bus.Bar(1, 2) + 3, back);
            Assert.True(result.IsSuccess);
            Assert.Equal(data, back);
            Assert.Equal(0xA500_0010u, await host.Read32Async(bus.Bar(0, 0) + 0x10));
        });
    }
}
