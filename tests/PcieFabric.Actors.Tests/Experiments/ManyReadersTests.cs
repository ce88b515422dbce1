using PcieFabric.Experiments;
using PcieFabric.Topologies;

namespace PcieFabric.Actors.Tests.Experiments;

/// <summary>Readers that together ask for far more than the way back can carry at once.</summary>
public sealed class ManyReadersTests
{
    /// <summary>64 functions with 128 reads of 4 KiB each under way ask for a quarter of a million completions of 128 bytes; what the root complex answers waits at the readers, not in it.</summary>
    [Fact]
    public void ReadsWaitForRoomForTheirAnswers()
    {
        var narrow = OneCard.Link(1, 8, 128, 4096);
        var card = (EndpointDefinition)OneCard.On(narrow).Hosts[0].RootComplexes[0].Ports[0].Attached!;
        var wide = card with { Functions = [.. Enumerable.Repeat(card.Functions[0], 64)], Ari = true };
        var host = OneCard.On(narrow).Hosts[0];
        var topology = new TopologyDefinition
        {
            Name = "many-readers",
            Hosts = [host with { RootComplexes = [new RootComplexDefinition { Ports = [new PortDefinition { Link = narrow, Attached = wide }] }] }],
        };
        using var run = ExperimentRun.Prepare(new ExperimentDefinition
        {
            Name = "many-readers",
            Topology = topology,
            Workloads = [OneCard.Dma(true, false, 4096, outstanding: 128, count: 128, warmUp: 0) with { BufferBytes = 4096 }],
            TimeLimit = Units.SimTime.FromSeconds(2),
        });
        var result = run.Execute();

        Assert.Empty(result.Unfinished);
        Assert.Equal(0, result.Value(Metric.Errors));
        Assert.InRange(run.Fabric.Ports["host/rp0"].Link.Transmitter.TlpsSent, 64 * 128 * 32, long.MaxValue);
    }
}
