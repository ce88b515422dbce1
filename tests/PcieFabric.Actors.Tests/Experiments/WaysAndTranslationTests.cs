using PcieFabric.Documents;
using PcieFabric.Experiments;
using PcieFabric.Units;

namespace PcieFabric.Actors.Tests.Experiments;

/// <summary>Experiments on hosts with IOMMUs, allow-lists, redirection and endpoint controllers.</summary>
public sealed class WaysAndTranslationTests
{
    private const string Parts = """
        functions:
          dma: { vendor: 1, device: 1, bars: [{ index: 0, size: 64 KiB }], capabilities: { msi: { vectors: 1 }, ats: {} } }
          soft: { vendor: 1, device: 2, bars: [{ index: 0, size: 1 MiB, type: memory32 }] }
        endpoints:
          card: { functions: [dma] }
          soc: { controller: CONTROLLER, functions: [soft] }
        switches:
          leaf: { ports: [{ attach: card, count: 3 }] }
        """;

    private static ExperimentResult Run(string host, string workloads, string controller = "qemu-epc", ExperimentOptions? options = null)
    {
        var topology = $"name: t\n{Parts.Replace("CONTROLLER", controller, StringComparison.Ordinal)}\nhosts:\n  host0: {{ memory: 64 MiB, {host} }}\n";
        var experiment = ExperimentReader.Read("e.yaml", new KeptFiles([new("e.yaml", $"name: e\ntopology: t.yaml\nworkloads:\n{workloads}\n"), new("t.yaml", topology)]));
        using var run = ExperimentRun.Prepare(experiment, options);
        var result = run.Execute();
        Assert.Empty(result.Unfinished);
        Assert.Equal(0, run.Fabric.Engine.PayloadsOutstanding);
        return result;
    }

    private static double Value(ExperimentResult result, Metric metric, string workload = "w", string point = "") => result.Measurements
        .Single(measurement => measurement.Workload == workload && measurement.Metric == metric && measurement.Point.ToString().Contains(point, StringComparison.Ordinal)).Values[metric.DefaultStatistic];

    [Fact]
    public void WithAnAllowListPairsOnItMoveDataAndOthersAreErrors()
    {
        const string Host = "ports: [{ attach: leaf }], peer-to-peer: { allow: [[host0/rp0/leaf/dp0/card/fn0, host0/rp0/leaf/dp1/card/fn0]] }";
        var result = Run(Host, """
              - { name: listed, kind: p2p-copy, sizes: [256 B], count: 20, functions: host0/rp0/leaf/dp0/card/fn0, target: host0/rp0/leaf/dp1/card/fn0 }
              - { name: other, kind: p2p-read, sizes: [256 B], count: 20, functions: host0/rp0/leaf/dp0/card/fn0, target: host0/rp0/leaf/dp2/card/fn0 }
              - { name: memory, kind: dma-read-write, sizes: [256 B], count: 20, functions: host0/rp0/leaf/dp2/** }
            """);

        Assert.Equal((0, 20, 0), (Value(result, Metric.Errors, "listed"), Value(result, Metric.Errors, "other"), Value(result, Metric.Errors, "memory")));
    }

    [Fact]
    public void TheWayOfPeersIsTold()
    {
        var result = Run("ports: [{ attach: leaf }, { attach: card }]", """
              - { name: near, kind: p2p-read, sizes: [64 B], count: 5, functions: host0/rp0/leaf/dp0/card/fn0, target: host0/rp0/leaf/dp1/card/fn0, acs: [none, request-redirect, completion-redirect, isolation] }
              - { name: far, kind: p2p-copy, sizes: [64 B, 4 KiB], count: 5, functions: host0/rp0/leaf/dp0/card/fn0, target: host0/rp1/card/fn0 }
              - { name: memory, kind: dma-write, sizes: [64 B], count: 5 }
            """, options: new ExperimentOptions { Partitions = 3, Threads = 2 });

        Assert.Equal(
            [
                ("near", "acs none", "1 switch"), ("near", "acs request-redirect", "root complex; back 1 switch"),
                ("near", "acs completion-redirect", "1 switch; back root complex"), ("near", "acs isolation", "root complex"),
                ("far", "", "root complex"), ("far", "", "root complex"),
            ],
            result.Ways.Select(way => (way.Workload, way.Point.ToString(), way.Text)));
        Assert.All(result.Measurements.Where(measurement => measurement.Metric == Metric.Errors), errors => Assert.Equal(0, errors.Values.Mean));
    }

    [Fact]
    public void EveryKindOfWorkloadRunsBehindAnIommu()
    {
        var result = Run("iommu: {}, ports: [{ attach: leaf }, { attach: card }]", """
              - { name: mmio, kind: mmio-read, sizes: [4 B], count: 10 }
              - { name: passes, kind: dma-read-write, sizes: [64 B, 4 KiB], count: 20 }
              - { name: translated, kind: dma-read-write, sizes: [64 B, 4 KiB], count: 40, outstanding: 4, misalignment: 0x24, buffer: 64 KiB, iommu: [mapped, ats], page: [4 KiB, 2 MiB] }
              - { name: again, kind: dma-write, sizes: [256 B], count: 20 }
            """);

        Assert.All(result.Measurements.Where(measurement => measurement.Metric == Metric.Errors), errors => Assert.Equal(0, errors.Values.Mean));
        Assert.Equal(2 * 4, result.Measurements.Count(measurement => measurement is { Workload: "translated", Metric.Name: "io-tlb-hits" }));
        Assert.DoesNotContain(result.Measurements, measurement => measurement is { Workload: not "translated", Metric.Name: "io-tlb-hits" });
    }

    [Theory]
    [InlineData(64, true)]
    [InlineData(128, false)]
    public void TheIoTlbHoldsAsManyPagesAsItHasEntries(int pages, bool hits)
    {
        var result = Run("iommu: { entries: 64 }, ports: [{ attach: card }]",
            $"  - {{ name: w, kind: dma-read, sizes: [64 B], count: 1000, warm-up: 128, outstanding: 8, buffer: {4 * pages} KiB, stride: 4 KiB, iommu: mapped }}");

        Assert.InRange(Value(result, Metric.TranslationHits), hits ? 90 : 0, hits ? 100 : 1);
    }

    [Fact]
    public void AnswersToTranslationRequestsAreNoPayload()
    {
        var result = Run("iommu: {}, ports: [{ attach: card }]", "  - { name: w, kind: dma-read, sizes: [64 B], count: 2000, warm-up: 64, outstanding: 16, buffer: 1 MiB, stride: 4 KiB, iommu: ats }");

        var latency = result.Measurements.Single(measurement => measurement.Metric == Metric.Latency).Values.Mean;
        // Little's law: with sixteen at a time, a sixteenth of the latency is the time of one.
        Assert.Equal(16 / (latency / 1e12), Value(result, Metric.Rate), 0.02 * Value(result, Metric.Rate));
    }

    [Theory]
    [InlineData("qemu-epc", "processor, dma")]
    [InlineData("rk3588", "processor, dma")]
    [InlineData("cadence", "processor")]
    [InlineData("dw-plat", "processor")]
    [InlineData("layerscape", "processor")]
    public void SoftwareOnAControllerMovesDataByWhateverItHas(string controller, string engines)
    {
        var result = Run("ports: [{ attach: soc }]", $$"""
              - { name: reads, kind: dma-read, sizes: [64 B, 3 KiB, 64 KiB], count: 6, outstanding: 3, misalignment: 0x14, by: [{{engines}}] }
              - { name: writes, kind: dma-write, sizes: [64 B, 3 KiB, 64 KiB], count: 6, outstanding: 3, misalignment: 0x14, by: [{{engines}}] }
              - { name: both, kind: dma-read-write, sizes: [512 B], count: 6, by: [{{engines}}] }
            """, controller);

        Assert.All(result.Measurements.Where(measurement => measurement.Metric == Metric.Errors), errors => Assert.Equal(0, errors.Values.Mean));
        Assert.All(result.Measurements.Where(measurement => measurement.Metric == Metric.Operations), operations => Assert.Equal(operations.Workload == "both" ? 12 : 6, operations.Values.Mean));
        // The host waited for the link, and the software that polls did not keep the run from ending.
        Assert.InRange(result.VirtualTime.Microseconds, 100_000, 200_000);
    }

    [Fact]
    public void AControllerThatRefusesABarIsNamed()
    {
        var experiment = ExperimentReader.Read("e.yaml", new KeptFiles(
        [
            new("e.yaml", "name: e\ntopology: t.yaml\nworkloads: [{ name: w, kind: dma-read, sizes: [64 B], count: 1 }]\n"),
            new("t.yaml", "name: t\nfunctions: { soft: { vendor: 1, device: 2, bars: [{ index: 4, size: 64 KiB, type: memory32 }, { index: 0, size: 1 MiB, type: memory32 }] } }\nendpoints: { soc: { controller: rk3588, functions: [soft] } }\nhosts: { host0: { memory: 64 MiB, ports: [{ attach: soc }] } }\n"),
        ]));
        using var run = ExperimentRun.Prepare(experiment);

        Assert.Contains(run.Execute().Unfinished, line => line.Contains("rk3588 refused SetBar", StringComparison.Ordinal));
    }
}
