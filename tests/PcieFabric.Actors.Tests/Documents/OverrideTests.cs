using PcieFabric.Actors.Tests.Documents;
using PcieFabric.Documents;
using PcieFabric.Experiments;
using PcieFabric.Input;

namespace PcieFabric.Actors.Tests.Documents;

/// <summary>What <c>--set</c> changes, and what it refuses.</summary>
public sealed class OverrideTests
{
    private static readonly string Main = Path.Combine(Shipped.Config, "experiments", "four-endpoints.yaml");

    private static ExperimentDefinition Read(params string[] sets) => ExperimentReader.Read(Main, DiskFiles.Instance, [.. sets.Select(Override.Parse)]);

    [Fact]
    public void AScalarOfTheExperimentIsReplacedByNameAndByPlace()
    {
        var experiment = Read("workloads.dma-write.outstanding=3", "workloads.0.count=17", "workloads.mmio-read.sizes.1=16 B", "seed=7");
        Assert.Equal(3, experiment.Workloads.Single(workload => workload.Name == "dma-write").Outstanding);
        Assert.Equal(17, experiment.Workloads[0].Count);
        Assert.Equal([4, 16], experiment.Workloads[0].SizesBytes);
        Assert.Equal(7ul, experiment.Seed);
    }

    [Fact]
    public void AKeyAtTheTopThatWasLeftOutCanBeSet() => Assert.Equal(4, Read("partitions=4").Partitions);

    [Fact]
    public void ThePrefixTopologyGoesOnInTheTopology()
    {
        var experiment = Read("topology.defaults.link.mps=128 B", "topology.switches.leaf.latency=150 ns");
        Assert.Equal(128, experiment.Topology.Hosts[0].RootComplexes[0].Ports[0].Link.MaxPayloadBytes);
        Assert.Contains("mps: 128 B", experiment.Sources[1].Text, StringComparison.Ordinal);
    }

    [Fact]
    public void TheSourcesThatAreKeptReadTheSame()
    {
        var changed = Read("workloads.mmio-read.functions=host0/**/fn0", "workloads.p2p-under-switch.target=**/dp1/card/fn0");
        var again = ExperimentReader.Read(changed.Sources[0].Name, new KeptFiles(changed.Sources));
        Assert.Equal("host0/**/fn0", again.Workloads[0].Functions.Text);
        Assert.Equal("**/dp1/card/fn0", ((PeerCopyWorkload)again.Workloads[5]).Target.Text);
    }

    [Theory]
    [InlineData("workload.0.count=1", "did you mean 'workloads'?")]
    [InlineData("workloads.dma-wirte.count=1", "did you mean 'dma-write'?")]
    [InlineData("workloads.dma-write.cuont=1", "four-endpoints.yaml:")]
    [InlineData("workloads.dma-write.sizes=1", "only a single value can be set")]
    [InlineData("topology.defaults.link.msp=128 B", "did you mean 'mps'?")]
    [InlineData("sede=1", "did you mean 'seed'?")]
    [InlineData("workloads.mmio-read.count=many", "four-endpoints.yaml:")]
    [InlineData("seed", "PATH=VALUE")]
    [InlineData("=1", "PATH=VALUE")]
    [InlineData("seed=", "PATH=VALUE")]
    [InlineData("seed=1\nname: x", "PATH=VALUE")]
    public void WhatCannotBeSetIsLocatedWithAHint(string set, string expected) =>
        Assert.Contains(expected, Assert.Throws<InputException>(() => Read(set)).Line, StringComparison.Ordinal);
}
