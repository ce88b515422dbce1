using PcieFabric.Documents;
using PcieFabric.Experiments;
using PcieFabric.Units;

namespace PcieFabric.Actors.Tests.Experiments;

/// <summary>Settings of a workload that are lists.</summary>
public sealed class SweepTests
{
    private const string Topology = """
        name: t
        functions:
          dma: { vendor: 1, device: 1, bars: [{ index: 0, size: 64 KiB }], capabilities: { msi: { vectors: 1 } } }
        endpoints:
          card: { functions: [dma] }
        hosts:
          host0: { memory: 64 MiB, ports: [{ attach: card }] }
        """;

    private static ExperimentDefinition Read(string workload, params string[] overrides) => ExperimentReader.Read("e.yaml",
        new KeptFiles([new("e.yaml", $"name: e\ntopology: t.yaml\nworkloads:\n  - {{ {workload} }}\n"), new("t.yaml", Topology)]), [.. overrides.Select(Override.Parse)]);

    private static ExperimentResult Run(ExperimentDefinition experiment)
    {
        using var run = ExperimentRun.Prepare(experiment);
        return run.Execute();
    }

    [Fact]
    public void EveryCombinationIsAPointAndTheFirstListChangesFastest()
    {
        var experiment = Read("name: w, kind: dma-read, sizes: [64 B], outstanding: [1, 8], buffer: [64 KiB, 0.5 MiB, 1 MiB], count: 5");

        Assert.Equal(
            [
                "outstanding 1, buffer 64 KiB", "outstanding 8, buffer 64 KiB",
                "outstanding 1, buffer 512 KiB", "outstanding 8, buffer 512 KiB",
                "outstanding 1, buffer 1 MiB", "outstanding 8, buffer 1 MiB",
            ],
            experiment.Workloads.Select(workload => workload.Point.ToString()));
        Assert.Equal([(1, 65536L), (8, 65536L), (1, 524288L), (8, 524288L), (1, 1048576L), (8, 1048576L)],
            experiment.Workloads.Cast<DmaWorkload>().Select(workload => (workload.Outstanding, workload.BufferBytes)));
    }

    [Fact]
    public void APointMeasuresWhatAnExperimentOfItsOwnMeasures()
    {
        var sweep = Run(Read("name: w, kind: dma-read, sizes: [64 B, 512 B], outstanding: [1, 4], count: 40"));
        Assert.Equal(4, sweep.Measurements.Count(measurement => measurement.Metric == Metric.Rate));
        foreach (var outstanding in (int[])[1, 4])
        {
            var alone = Run(Read($"name: w, kind: dma-read, sizes: [64 B, 512 B], outstanding: {outstanding}, count: 40"));
            var point = sweep.Measurements.Where(measurement => measurement.Point["outstanding"]!.Text == $"{outstanding}");
            Assert.Equal(alone.Measurements, point.Select(measurement => measurement with { Point = SweepPoint.None }));
        }
    }

    [Fact]
    public void ACheckSpeaksOfItsPlacesAndIsOneOfTheWorkload()
    {
        const string Checks = "checks: ['operations == 7', 'latency > 1 s at 64 B, outstanding 4', 'rate > 1 /s at outstanding 1']";
        var result = Run(Read($"name: w, kind: dma-read, sizes: [64 B, 512 B], outstanding: [1, 4], count: 7, {Checks}"));

        Assert.Equal([true, false, true], result.Checks.Select(check => check.IsMet));
        Assert.EndsWith("at 64 B, outstanding 4", result.Checks[1].ToString());
        Assert.Equal("1", result.Checks[2].Decisive!.Point["outstanding"]!.Text);
    }

    [Fact]
    public void AListCanBeSetOverAFile()
    {
        var experiment = Read("name: w, kind: mmio-read, sizes: [4 B]", "workloads.w.outstanding=[2, 3]");
        Assert.Equal([2, 3], experiment.Workloads.Select(workload => workload.Outstanding));
    }

    [Fact]
    public void WordsAreSweptToo()
    {
        var experiment = Read("name: w, kind: p2p-copy, functions: host0/rp0/card/fn0, target: host0/rp0/card/fn0, sizes: [64 B], acs: [none, isolation]", "workloads.w.target=host0/**",
            "topology.hosts.host0.ports=[{ attach: card, count: 2 }]", "workloads.w.target=host0/rp1/**");
        Assert.Equal(["acs none", "acs isolation"], experiment.Workloads.Select(workload => workload.Point.ToString()));
        Assert.All(experiment.Workloads, workload => Assert.Null(workload.Point["acs"]!.Value));
    }

    [Fact]
    public void WhatIsPlottedIsReadAndHasADefault()
    {
        Assert.Equal(["bandwidth", "latency median"], Read("name: w, kind: mmio-read, sizes: [4 B]").Plot.Select(metric => metric.ToString()));
        Assert.Equal(["latency p99", "rate"], Read("name: w, kind: mmio-read, sizes: [4 B]", "plot=[latency p99, rate]").Plot.Select(metric => metric.ToString()));
    }
}
