using PcieFabric.Actors.Tests.Documents;
using PcieFabric.ConfigSpaces;
using PcieFabric.Topologies;
using PcieFabric.Topologies.Reading;

namespace PcieFabric.Actors.Tests.Topologies;

public sealed class FunctionLayoutTests
{
    public static TheoryData<string> Topologies => Shipped.Names("topologies");

    [Theory]
    [MemberData(nameof(Topologies))]
    public void EveryFunctionOfAShippedTopologyHasAConfigurationSpace(string file)
    {
        var topology = TopologyReader.Read(Path.Combine(Shipped.Config, "topologies", file));
        Assert.All(TopologyInstances.Of(topology).Where(instance => instance.Part is EndpointDefinition).DistinctBy(instance => (instance.Part, instance.Port.Link)), instance =>
        {
            var endpoint = (EndpointDefinition)instance.Part;
            for (var number = 0; number < endpoint.Functions.Count; number++)
            {
                var layout = endpoint.Functions[number].CreateLayout(instance.Port.Link, endpoint.Ari);
                var space = new ConfigSpace(layout);
                endpoint.Initialize(number, space, ordinal: 0);
                Assert.Equal((uint)endpoint.Functions[number].InterruptPin, space[layout.Header.InterruptPin]);
                Assert.Equal(endpoint.Ari, layout.Ari is not null);
            }
        });
    }

    [Fact]
    public void TheVirtualisedFunctionHasEveryCapabilityThatItsFileNames()
    {
        var topology = TopologyReader.Read(Path.Combine(Shipped.Config, "topologies", "two-level.yaml"));
        var many = TopologyInstances.Of(topology).First(instance => instance.Part.Name == "many");
        var endpoint = (EndpointDefinition)many.Part;
        var function = endpoint.Functions[0];
        var layout = function.CreateLayout(many.Port.Link, ari: true);
        var space = new ConfigSpace(layout);
        endpoint.Initialize(0, space, ordinal: 0);

        Assert.NotNull(layout.MsiX);
        Assert.NotNull(layout.Aer);
        Assert.NotNull(layout.Acs);
        Assert.NotNull(layout.Ari);
        Assert.NotNull(layout.SrIov);
        Assert.NotNull(layout.Ats);
        Assert.NotNull(layout.Pasid);
        Assert.Equal(0x0002c9fffe000001u, layout.SerialNumber!.SerialNumber(space));
        Assert.Equal(0xF00000u, function.Bars[0].ResizableSizes);
    }
}
