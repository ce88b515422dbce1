using PcieFabric.Documents;
using PcieFabric.Experiments;
using PcieFabric.Input;
using PcieFabric.Topologies;
using PcieFabric.Topologies.Reading;

namespace PcieFabric.Actors.Tests.Documents;

public sealed class OverrideTests
{
    private static readonly string Experiment = Path.Combine(Shipped.Config, "experiments", "four-endpoints.yaml");
    private static readonly string Topology = Path.Combine(Shipped.Config, "topologies", "one-switch.yaml");

    private static TopologyDefinition Read(params string[] texts) => TopologyReader.Read(DiskFiles.Instance.Read(Topology), [.. texts.Select(Override.Parse)]);

    [Fact]
    public void AnOverrideReplacesAValue() => Assert.Equal(16, Read("defaults.link.width=16").Hosts[0].RootComplexes[0].Ports[0].Link.Width.Lanes);

    [Fact]
    public void AnOverrideMakesTheKeysThatItNeeds() =>
        Assert.Equal(4, Read("hosts.host0.ports.1.link.generation = 4").Hosts[0].RootComplexes[0].Ports[1].Link.Generation.Number);

    [Fact]
    public void TheLastOfSeveralOverridesWins() => Assert.Equal(2, Read("partitions=4", "partitions=2").Partitions.Count);

    [Fact]
    public void AnOverrideMayBeAWholeMapping() =>
        Assert.Equal(3, TopologyInstances.Functions(Read("endpoints={ card: { functions: [{ kind: dma, count: 3 }] } }", "hosts.host0.ports=[{ attach: card }]")).Count());

    [Fact]
    public void AnExperimentIsOverriddenTogetherWithItsTopologyAndKeepsWhatWasSet()
    {
        Override[] overrides = [Override.Parse("workloads.dma-read.outstanding=7"), Override.Parse("topology.defaults.link.mps=512 B"), Override.Parse("seed=9")];
        var experiment = ExperimentReader.Read(Experiment, DiskFiles.Instance, overrides);

        Assert.Equal(7, experiment.Workloads.Single(workload => workload.Name == "dma-read").Outstanding);
        Assert.Equal(512, experiment.Topology.Hosts[0].RootComplexes[0].Ports[0].Link.MaxPayloadSize);
        Assert.Equal(9u, experiment.Seed);

        var again = ExperimentReader.Read(experiment.Sources[0].Name, new KeptFiles(experiment.Sources), [.. experiment.Overrides.Select(Override.Parse)]);
        Assert.Equal((9u, 512), (again.Seed, again.Topology.Hosts[0].RootComplexes[0].Ports[0].Link.MaxPayloadSize));
    }

    [Theory]
    [InlineData("width", "'width' sets nothing", "KEY.KEY=VALUE")]
    [InlineData("=3", "'=3' sets nothing", "KEY.KEY=VALUE")]
    [InlineData("a..b=3", "sets nothing", "KEY.KEY=VALUE")]
    [InlineData("width=", "'width=' sets nothing", "KEY.KEY=VALUE")]
    [InlineData("width=[", "not YAML", "brackets")]
    [InlineData("defaults.link.width=3", "'width' must be 1, 2, 4, 8, 16 or 32, not '3'", "")]
    [InlineData("defaults.lnik.width=8", "unknown key 'lnik' in defaults", "did you mean 'link'?")]
    [InlineData("hosts.host0.ports.2.attach=card", "there is no item '2'", "items are 0 to 1")]
    [InlineData("name.of.it=x", "'one-switch' has no 'of'", "leads into a value")]
    public void AWrongOverrideIsRefusedByItsOwnText(string text, string message, string hint)
    {
        var wrong = Assert.Throws<InputException>(() => Read(text));
        Assert.Contains(message, wrong.Message, StringComparison.Ordinal);
        Assert.Contains(hint, wrong.Hint ?? "", StringComparison.Ordinal);
        Assert.Contains($"'{text}'", wrong.Line, StringComparison.Ordinal);
    }
}
