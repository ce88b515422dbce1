using PcieFabric.Actors.Tests.Documents;
using PcieFabric.EndpointFunctions;
using PcieFabric.Experiments;
using PcieFabric.Input;
using PcieFabric.RootComplexes;
using PcieFabric.Topologies;
using PcieFabric.Units;

namespace PcieFabric.Actors.Tests.Experiments;

/// <summary>An experiment from its definition to its result.</summary>
public sealed class ExperimentRunTests
{
    private static ExperimentDefinition TwoHosts(params IReadOnlyList<WorkloadDefinition> workloads) => new()
    {
        Name = "two-hosts",
        Topology = TwoHostsOfTwoCards,
        Workloads = workloads,
    };

    private static readonly TopologyDefinition TwoHostsOfTwoCards = OneCard.On(OneCard.Link(3, 8, 256, 512)) is { Hosts: [var host] } one
        ? one with { Hosts = [WithTwoPorts(host, "a"), WithTwoPorts(host, "b")] }
        : throw new InvalidOperationException("invariant: one card has one host");

    private static HostDefinition WithTwoPorts(HostDefinition host, string name) => host with
    {
        Name = name,
        RootComplexes = [host.RootComplexes[0] with { Ports = [host.RootComplexes[0].Ports[0], host.RootComplexes[0].Ports[0]] }],
    };

    private static DmaWorkload Dma(int size = 512) => OneCard.Dma(true, true, size, outstanding: 8, count: 60, warmUp: 10);

    private static PeerCopyWorkload Copy(string from, string to) => new() { Name = "copy", SizesBytes = [1024], Functions = new(from), Target = new(to), Count = 40, Outstanding = 4, OffsetBytes = 4096 };

    private static ExperimentResult Run(ExperimentDefinition definition, ExperimentOptions? options = null)
    {
        using var run = ExperimentRun.Prepare(definition, options);
        return run.Execute();
    }

    private static double Value(ExperimentResult result, string workload, Metric metric) =>
        result.Measurements.Single(m => m.Workload == workload && m.Metric == metric).Values[metric.DefaultStatistic];

    [Theory]
    [InlineData(2, 1)]
    [InlineData(2, 2)]
    [InlineData(5, 2)]
    public void PartitionsAndThreadsChangeNeitherMessagesNorResults(int partitions, int threads)
    {
        var definition = TwoHosts(
            new MmioWorkload { Name = "mmio", SizesBytes = [8, 256], IsWrite = true, Count = 30, Outstanding = 3 },
            Dma(), Copy("*/rp0/**", "*/rp1/**"));
        var alone = Run(definition, new ExperimentOptions { Digest = true });
        var apart = Run(definition, new ExperimentOptions { Digest = true, Partitions = partitions, Threads = threads });
        Assert.NotNull(alone.Digest);
        Assert.Equal(alone.Digest, apart.Digest);
        Assert.Equal(alone.Messages, apart.Messages);
        Assert.Equal(alone.VirtualTime, apart.VirtualTime);
        Assert.Equal(alone.Measurements, apart.Measurements);
    }

    [Fact]
    public void TheSeedDecidesTheDataAndNotTheTimes()
    {
        var one = Run(TwoHosts(Dma()), new ExperimentOptions { Digest = true });
        var other = Run(TwoHosts(Dma()), new ExperimentOptions { Digest = true, Seed = 2 });
        Assert.NotEqual(one.Digest, other.Digest);
        Assert.Equal(one.Measurements, other.Measurements);
        Assert.Equal(2ul, other.Seed);
    }

    [Fact]
    public void HostsWorkBesideEachOtherAndAddUp()
    {
        var both = Value(Run(TwoHosts(Dma(4096))), "dma", Metric.Bandwidth);
        var one = Value(Run(TwoHosts(Dma(4096) with { Functions = new("a/**") })), "dma", Metric.Bandwidth);
        Assert.Equal(2 * one, both, one / 1e6);
    }

    [Fact]
    public void SourcesMayShareATargetAndEveryHostHasItsOwn()
    {
        var result = Run(TwoHosts(Copy("*/rp0/**", "*/rp1/**")));
        Assert.Equal(0, Value(result, "copy", Metric.Errors));
        Assert.Equal(80, Value(result, "copy", Metric.Operations));
    }

    [Fact]
    public void WritesThatAreNotLetThroughAreErrors()
    {
        var refusing = TwoHostsOfTwoCards with
        {
            Hosts = [.. TwoHostsOfTwoCards.Hosts.Select(host => host with { RootComplexes = [host.RootComplexes[0] with { PeerToPeer = PeerToPeerPolicy.None }] })],
        };
        var result = Run(TwoHosts(Copy("a/rp0/**", "a/rp1/**") with { Checks = [new Check("copy", Metric.Errors, Statistic.Mean, Comparison.Equal, new Quantity(0, Dimension.Count), 0, null, "errors == 0")] })
            with { Topology = refusing });
        Assert.InRange(Value(result, "copy", Metric.Errors), 40, 41);
        Assert.False(result.IsMet);
        Assert.Contains(result.Counters, counter => counter is { Actor: "a", Name: "UnsupportedRequests", Value: >= 40 });
        Assert.Empty(result.Unfinished);
    }

    [Fact]
    public void WrongDataIsAnError()
    {
        var models = new Dictionary<string, Func<FunctionDefinition, EndpointFunction?>> { ["memory"] = _ => new Forgetful() };
        var card = (EndpointDefinition)TwoHostsOfTwoCards.Hosts[0].RootComplexes[0].Ports[0].Attached!;
        var forgetful = new PortDefinition { Attached = card with { Functions = [card.Functions[0] with { Model = "memory" }] } };
        var host = TwoHostsOfTwoCards.Hosts[0];
        var definition = TwoHosts(new MmioWorkload { Name = "mmio", SizesBytes = [4], IsWrite = false, Count = 25 }) with
        {
            Topology = TwoHostsOfTwoCards with { Hosts = [host with { RootComplexes = [host.RootComplexes[0] with { Ports = [forgetful] }] }] },
        };
        Assert.Equal(25, Value(Run(definition, new ExperimentOptions { Models = models }), "mmio", Metric.Errors));
    }

    [Fact]
    public void ARunThatReachesItsTimeLimitSaysWhatStillWaits()
    {
        var late = Run(TwoHosts(Dma() with { Count = 100_000, Name = "long" }) with { TimeLimit = SimTime.FromMicroseconds(300) });
        Assert.Equal(["a still waits in long at 512 B for a/rp0/card/fn0, a/rp1/card/fn0", "b still waits in long at 512 B for b/rp0/card/fn0, b/rp1/card/fn0"], late.Unfinished);
        Assert.False(late.IsMet);
        Assert.InRange(late.VirtualTime.Microseconds, 299, 300);
    }

    [Fact]
    public void ProgressEndsWithAllStepsDone()
    {
        using var run = ExperimentRun.Prepare(TwoHosts(Dma()));
        ExperimentProgress last = default;
        var turns = 0;
        run.Execute(progress => last = progress, _ => turns++);
        Assert.Equal(4, last.Steps);
        Assert.Equal(4, last.StepsDone);
        Assert.True(turns > 0);
        Assert.Equal("", last.Activity);
    }

    [Fact]
    public void ACancelledRunEnds()
    {
        using var run = ExperimentRun.Prepare(TwoHosts(Dma()), new ExperimentOptions { Partitions = 2 });
        using var cancellation = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(() => run.Execute(_ => cancellation.Cancel(), cancellation: cancellation.Token));
    }

    [Fact]
    public void FunctionsThatDoNoDmaAreRefusedBeforeTheRun()
    {
        var experiment = ExperimentReader.Read(Path.Combine(Shipped.Config, "experiments", "dma-write-sweep.yaml"), PcieFabric.Documents.DiskFiles.Instance,
            [PcieFabric.Documents.Override.Parse("topology.functions.dma.model=memory")]);
        var wrong = Assert.Throws<InputException>(() => ExperimentRun.Prepare(experiment));
        Assert.Contains("dma-write-sweep.yaml:", wrong.Line, StringComparison.Ordinal);
        Assert.Contains("does no DMA on demand", wrong.Line, StringComparison.Ordinal);
    }

    /// <summary>Registers that read as zero whatever is written to them.</summary>
    private sealed class Forgetful : EndpointFunction;
}
