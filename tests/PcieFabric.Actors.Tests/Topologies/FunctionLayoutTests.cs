using PcieFabric.Actors.Tests.Documents;
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
        var kinds = TopologyInstances.Of(topology)
            .Where(instance => instance.Part is EndpointDefinition)
            .SelectMany(instance => ((EndpointDefinition)instance.Part).Functions.Select(function => (function, instance.Port.Link, ((EndpointDefinition)instance.Part).Ari)))
            .Distinct();
        Assert.All(kinds, kind =>
        {
            var layout = kind.function.CreateLayout(kind.Link, kind.Ari);
            Assert.Equal(kind.function.Capabilities.Msi is not null, layout.Msi is not null);
            Assert.Equal(kind.Ari, layout.Ari is not null);
        });
    }

    [Fact]
    public void TheVirtualisedFunctionHasEveryCapabilityThatItsFileNames()
    {
        var topology = TopologyReader.Read(Path.Combine(Shipped.Config, "topologies", "two-level.yaml"));
        var many = TopologyInstances.Of(topology).First(instance => instance.Part.Name == "many");
        var function = ((EndpointDefinition)many.Part).Functions[0];
        var layout = function.CreateLayout(many.Port.Link, ari: true);

        Assert.NotNull(layout.MsiX);
        Assert.NotNull(layout.Aer);
        Assert.NotNull(layout.Acs);
        Assert.NotNull(layout.Ari);
        Assert.NotNull(layout.SrIov);
        Assert.NotNull(layout.Ats);
        Assert.NotNull(layout.Pasid);
        Assert.NotNull(layout.SerialNumber);
        Assert.Equal(0x0002c9fffe000001u, function.Capabilities.SerialNumber);
        Assert.Equal(0xF00000u, function.Bars[0].ResizableSizes);
    }
}
