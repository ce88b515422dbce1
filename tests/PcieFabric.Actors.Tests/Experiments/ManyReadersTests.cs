using PcieFabric.Experiments;
using PcieFabric.Topologies;

namespace PcieFabric.Actors.Tests.Experiments;

/// <summary>Readers that together ask for far more than the way back can carry at once.</summary>
public sealed class ManyReadersTests
{
    /// <summary>16 functions with 64 reads of 4 KiB each under way ask for 32,768 completions of 128 bytes, and what the root complex answers waits at the readers, not in it: payloads that exist are those that credits allow.</summary>
    [Fact]
    public void ReadsWaitForRoomForTheirAnswers()
    {
        var narrow = OneCard.Link(1, 4, 128, 4096);
        var card = (EndpointDefinition)OneCard.On(narrow).Hosts[0].RootComplexes[0].Ports[0].Attached!;
        var wide = card with { Functions = [.. Enumerable.Repeat(card.Functions[0], 16)], Ari = true };
        var host = OneCard.On(narrow).Hosts[0];
        var topology = new TopologyDefinition
        {
            Name = "many-readers",
            Hosts = [host with { RootComplexes = [new RootComplexDefinition { Ports = [new PortDefinition { Link = narrow, Attached = wide }] }] }],
        };
        using var run = ExperimentRun.Prepare(
            new ExperimentDefinition
            {
                Name = "many-readers",
                Topology = topology,
                Workloads = [OneCard.Dma(true, false, 4096, outstanding: 64, count: 64, warmUp: 0) with { BufferBytes = 4096 }],
            },
            // Two partitions meet after each look-ahead, so that the most is seen.
            new ExperimentOptions { Partitions = 2, Threads = 1 });
        var most = 0L;
        var result = run.Execute(turnEnded: _ => most = Math.Max(most, run.Fabric.Engine.PayloadsOutstanding));

        Assert.Empty(result.Unfinished);
        Assert.Equal(0, result.Value(Metric.Errors));
        Assert.InRange(most, 100, 4096);
    }
}
