using PcieFabric.ConfigSpaces;
using PcieFabric.Experiments;
using PcieFabric.Links;
using PcieFabric.Topologies;
using PcieFabric.Units;

namespace PcieFabric.Actors.Tests.Experiments;

/// <summary>A host, a root port and one card that does DMA: the fabric of the published model.</summary>
internal static class OneCard
{
    public const string Function = "host/rp0/card/fn0";

    public static TopologyDefinition On(LinkSettings link, int? tags = null) => new()
    {
        Name = "one-card",
        Hosts =
        [
            new HostDefinition
            {
                Name = "host",
                MemoryBytes = 256 << 20,
                RootComplexes = [new RootComplexDefinition { Ports = [new PortDefinition { Link = link, Attached = Card(tags) }] }],
            },
        ],
    };

    public static LinkSettings Link(int generation, int width, int mps, int mrrs) => new()
    {
        Generation = new LinkGeneration(generation),
        Width = new LinkWidth(width),
        MaxPayloadSize = mps,
        MaxReadRequestSize = mrrs,
    };

    /// <summary>The closed form for the link, with the three-DW headers of host memory below 4 GiB, and completions no longer than their requests, of which the model does not think.</summary>
    public static EffectiveBandwidth ClosedForm(LinkSettings link) =>
        EffectiveBandwidth.Of(link) with { Address64 = false, CompletionChunk = Math.Min(link.MaxPayloadSize, link.MaxReadRequestSize) };

    public static DmaWorkload Dma(bool reads, bool writes, int sizeBytes, int outstanding, int count, int warmUp) => new()
    {
        Name = "dma",
        SizesBytes = [sizeBytes],
        Reads = reads,
        Writes = writes,
        BufferBytes = 1 << 20,
        Outstanding = outstanding,
        Count = count,
        WarmUp = warmUp,
    };

    public static ExperimentResult Run(TopologyDefinition topology, params WorkloadDefinition[] workloads)
    {
        using var run = ExperimentRun.Prepare(new ExperimentDefinition { Name = "one-card", Topology = topology, Workloads = workloads });
        var result = run.Execute();
        Assert.Empty(result.Unfinished);
        Assert.All(result.Measurements.Where(measurement => measurement.Metric == Metric.Errors), errors => Assert.Equal(0, errors.Values.Mean));
        return result;
    }

    public static double Value(this ExperimentResult result, Metric metric, string workload = "dma") =>
        result.Measurements.Single(measurement => measurement.Workload == workload && measurement.Metric == metric).Values[metric.DefaultStatistic];

    private static EndpointDefinition Card(int? tags) => new()
    {
        Name = "card",
        Functions =
        [
            new FunctionDefinition
            {
                Name = "dma",
                VendorId = 0x1D0F,
                DeviceId = 1,
                Bars = [BarDefinition.Memory64(0, 64 << 10, prefetchable: true)],
                Capabilities = new CapabilitiesDefinition { Msi = new MsiDefinition(1, Masking: false) },
                Settings = tags is { } limit ? new Dictionary<string, Setting> { ["tags"] = new(limit.ToString(System.Globalization.CultureInfo.InvariantCulture), null) } : [],
            },
        ],
    };
}
