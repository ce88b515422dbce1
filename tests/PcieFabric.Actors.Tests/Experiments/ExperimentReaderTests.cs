using PcieFabric.Actors.Tests.Documents;
using PcieFabric.Documents;
using PcieFabric.Experiments;
using PcieFabric.Topologies;
using PcieFabric.Units;

namespace PcieFabric.Actors.Tests.Experiments;

public sealed class ExperimentReaderTests
{
    private const string Topology = "name: t\nfunctions:\n  dma: { vendor: 1, device: 1, bars: [{ index: 0, size: 64 KiB }] }\nendpoints:\n  card: { functions: [dma] }\nhosts:\n  host0: { ports: [{ attach: card, count: 2 }] }\n";

    private static ExperimentDefinition Read(string text) =>
        ExperimentReader.Read("runs/e.yaml", new KeptFiles([new("runs/e.yaml", text), new("fabrics/t.yaml", Topology)]));

    [Fact]
    public void EveryKeyOfEveryKindArrives()
    {
        var experiment = Read("""
            name: e
            topology: ../fabrics/./t.yaml
            seed: 0x10
            partitions: 2
            threads: 3
            time-limit: 5 ms
            workloads:
              - { name: a, kind: mmio-write, functions: host0/rp0/**, sizes: [4 B], bar: 0, offset: 0x40, count: 7, warm-up: 2, outstanding: 3 }
              - { name: b, kind: dma-read-write, sizes: [64 B, 1 MiB], total: 2 MiB, misalignment: 0x4, checks: [errors == 0] }
              - { name: c, kind: p2p-copy, functions: "**/rp0/*/*", target: "**/rp1/*/*", sizes: [4 KiB], offset: 4 KiB }
            """);

        Assert.Equal((0x10UL, 2, 3, SimTime.FromMilliseconds(5)), (experiment.Seed, experiment.Partitions, experiment.Threads, experiment.TimeLimit));
        Assert.Equal(["runs/e.yaml", "fabrics/t.yaml"], experiment.Sources.Select(source => source.Name));

        var mmio = Assert.IsType<MmioWorkload>(experiment.Workloads[0]);
        Assert.Equal((true, 0, 0x40UL, 7, 2, 3, "mmio-write"), (mmio.IsWrite, mmio.Bar, mmio.OffsetBytes, mmio.Count, mmio.WarmUp, mmio.Outstanding, mmio.Kind));
        Assert.Equal(new PathPattern("host0/rp0/**"), mmio.Functions);

        var dma = Assert.IsType<DmaWorkload>(experiment.Workloads[1]);
        Assert.Equal((true, true, 1 << 20, 4, "dma-read-write"), (dma.Reads, dma.Writes, (int)dma.BufferBytes, dma.AlignmentOffsetBytes, dma.Kind));
        Assert.Equal((32768, 2), (dma.CountAt(64), dma.CountAt(1 << 20)));
        Assert.Equal("b", Assert.Single(dma.Checks).Workload);

        var copy = Assert.IsType<PeerCopyWorkload>(experiment.Workloads[2]);
        Assert.Equal((4096UL, "p2p-copy"), (copy.OffsetBytes, copy.Kind));
    }

    [Fact]
    public void WhatAnExperimentKeepsIsEnoughToReadItAgain()
    {
        var read = ExperimentReader.Read(Path.Combine(Shipped.Config, "experiments", "four-endpoints.yaml"));
        var again = ExperimentReader.Read(read.Sources[0].Name, new KeptFiles(read.Sources));
        Assert.Equal(read.Workloads.Select(workload => workload.Name), again.Workloads.Select(workload => workload.Name));
        Assert.Equal(TopologyInstances.Functions(read.Topology).Select(function => function.Path), TopologyInstances.Functions(again.Topology).Select(function => function.Path));
    }

    [Fact]
    public void LeftOutKeysAreTheDefaultsOfTheDefinition()
    {
        var experiment = Read("name: e\ntopology: ../fabrics/t.yaml\nworkloads:\n  - { name: a, kind: mmio-read, sizes: [8 B] }\n");
        Assert.Equal(
            new ExperimentDefinition { Name = "e", Topology = experiment.Topology, Workloads = experiment.Workloads, Sources = experiment.Sources, Overrides = experiment.Overrides, Source = experiment.Source },
            experiment);
        var workload = Assert.Single(experiment.Workloads);
        Assert.Equal(new MmioWorkload { Name = "a", SizesBytes = workload.SizesBytes, IsWrite = false, Checks = workload.Checks, Source = workload.Source }, workload);
    }
}
