using PcieFabric.Actors.Tests.Documents;
using PcieFabric.Documents;
using PcieFabric.Experiments;

namespace PcieFabric.Actors.Tests.Experiments;

/// <summary>Every way in which an experiment can be wrong gets one located line with a hint.</summary>
public sealed class WrongExperimentTests
{
    private const string Topology = """
        name: t
        functions:
          dma: { vendor: 1, device: 1, bars: [{ index: 0, size: 4 KiB }, { index: 2, size: 16 B, type: io }] }
        endpoints:
          card: { functions: [dma] }
          soc: { controller: cadence, functions: [dma] }
        hosts:
          host: { count: 2, ports: [{ attach: card, count: 2 }] }
          guarded: { iommu: { largest-page: 2 MiB }, ports: [{ attach: card }, { attach: soc }] }
        """;

    private const string Head = "name: e\ntopology: t.yaml\nworkloads:\n";
    private const string Read = "  - { name: r, kind: dma-read, sizes: [64 B, 4 KiB]";
    private const string Copy = "  - { name: c, kind: p2p-copy, sizes: [64 B], functions: host0/rp0/card/fn0";

    public static TheoryData<string, string, string> Documents => new()
    {
        { "name: e\ntopology: »s.yaml\nworkloads: [{ name: r, kind: dma-read, sizes: [64 B] }]\n", "'s.yaml' does not exist", "did you mean 't.yaml'?" },
        { "»name: e\ntopology: t.yaml\n", "an experiment needs 'workloads'", "no default" },
        { "name: e\ntopology: t.yaml\nworkloads: »[]\n", "'workloads' must be a list of 1 to 256 items", "" },
        { Head + "  - »{ name: r }\n", "a workload needs 'kind'", "mmio-read, mmio-write" },
        { Head + "  - { name: r, kind: »dma-raed }\n", "unknown kind of a workload: 'dma-raed'", "did you mean 'dma-read'?" },
        { Head + "  - { name: r, kind: dma-read, sizes: [64 B], »bar: 0 }\n", "unknown key 'bar' in a dma-read workload", "known: name, kind" },
        { Head + "  - »{ name: r, kind: dma-read }\n", "a dma-read workload needs 'sizes'", "no default" },
        { Head + "  - { name: r, kind: dma-read, sizes: [»64] }\n", "an item of 'sizes': '64' has no unit", "'64 KiB'" },
        { Head + "  - { name: r, kind: dma-read, sizes: [»0 B] }\n", "must be a size from 1 B to 1 GiB", "" },
        { Head + "  - { name: r, kind: mmio-read, sizes: [»8 KiB] }\n", "must be a size from 1 B to 4 KiB", "" },
        { Head + Read + ", count: »0 }\n", "'count' must be a whole number from 1 to", "" },
        { Head + Read + ", count: 5, total: »1 MiB }\n", "'count' and 'total' exclude each other", "leave one of them out" },
        { Head + Read + ", outstanding: »769 }\n", "from 1 to 768", "" },
        { Head + "  - { name: r, kind: dma-read, sizes: [1 MiB], buffer: »64 KiB }\n", "a buffer of 64 KiB does not hold 1 MiB", "largest" },
        { Head + Read + " }\n  - { name: »r, kind: dma-write, sizes: [64 B] }\n", "two workloads are called 'r'", "line 4" },
        { Head + Read + ", functions: »host0/rp7/** }\n", "no function has a path like 'host0/rp7/**'", "has 6, such as host0/rp0/card/fn0" },
        { Head + "  - { name: m, kind: mmio-read, sizes: [4 B], bar: »1 }\n", "host0/rp0/card/fn0 has no memory BAR1", "known: BAR0" },
        { Head + "  - { name: m, kind: mmio-read, sizes: [4 B], bar: »2 }\n", "has no memory BAR2", "known: BAR0" },
        { Head + "  - { name: m, kind: mmio-write, sizes: [4 B], offset: 0x1000, bar: »0 }\n", "4 B at 0x1000 do not fit into BAR0", "4 KiB" },
        { Head + Copy + ", target: »host0/rp0/** }\n", "would copy to itself", "different functions" },
        { Head + Copy + ", target: »host1/rp0/** }\n", "have different hosts", "common" },
        { Head + Read + ", buffer: »512 MiB }\n", "2 buffers of 512 MiB do not fit into the memory of 'host0'", "it has 1 GiB" },

        // Lists
        { Head + Read + ", outstanding: »[] }\n", "'outstanding' is an empty list", "leave the key out" },
        { Head + Read + ", outstanding: [1, »0] }\n", "an item of 'outstanding' must be a whole number from 1 to 768, not '0'", "" },
        { Head + Read + ", buffer: [1 MiB, »1024 KiB] }\n", "'buffer' has 1 MiB twice", "each value" },
        { Head + Read + ", count: [" + string.Join(", ", Enumerable.Range(1, 40)) + "], warm-up: »[" + string.Join(", ", Enumerable.Range(1, 40)) + "] }\n", "the lists make 1600 points", "shorten 'count' or 'warm-up'" },
        { Head + "  - { name: »[r, s], kind: dma-read, sizes: [64 B] }\n", "'name' must be a name", "" },
        { Head + Read + ", outstanding: [1, 2], checks: [\"rate > 1 /s at »outstanding 3\"] }\n", "'r' does not measure at outstanding 3", "its values: 1, 2" },
        { Head + Read + ", outstanding: [1, 2], checks: [\"rate > 1 /s at 64 B, »buffer 1 MiB\"] }\n", "'buffer 1 MiB' is not a size", "" },
        { "name: e\nplot: [»latency p98]\ntopology: t.yaml\nworkloads: [{ name: r, kind: dma-read, sizes: [64 B] }]\n", "must be a metric", "did you mean 'latency p99'?" },

        // IOMMUs and controllers
        { Head + Read + ", iommu: »mapped }\n", "'host0' has no IOMMU", "iommu: {}" },
        { Head + Read + ", functions: guarded/rp0/**, iommu: mapped, page: [4 KiB, »1 GiB] }\n", "the IOMMU of 'guarded' has no pages of 1 GiB", "'largest-page' is 2 MiB" },
        { Head + Read + ", functions: guarded/rp0/**, iommu: »ats }\n", "guarded/rp0/card/fn0 has no ATS", "'ats'" },
        { Head + Read + ", functions: host0/rp0/**, by: »dma }\n", "host0/rp0/card/fn0 is not on an endpoint controller", "leave 'by' out" },
        { Head + Read + ", functions: guarded/rp1/**, by: »dma }\n", "controller 'cadence' of guarded/rp1/soc/fn0 has no DMA", "processor" },
        { Head + Read + ", stride: »64 B }\n", "operations of 4 KiB cannot be 64 B apart", "multiple of 64 B" },

        // Checks
        { Head + Read + ", checks: [»\"bandwidth 50 Gb/s\"] }\n", "'bandwidth 50 Gb/s' is not a check", "METRIC [STATISTIC]" },
        { Head + Read + ", checks: [»bandwidth >= 50 Gb/s >= 3] }\n", "is not a check", "METRIC [STATISTIC]" },
        { Head + Read + ", checks: [»bandwith >= 50 Gb/s] }\n", "there is no metric 'bandwith'", "did you mean 'bandwidth'?" },
        { Head + Read + ", checks: [»colour >= 50 Gb/s] }\n", "there is no metric 'colour'", "known: latency, bandwidth, rate, operations, errors" },
        { Head + Read + ", checks: [latency »p98 >= 50 ns] }\n", "there is no statistic 'p98'", "did you mean 'p99'?" },
        { Head + Read + ", checks: [\"bandwidth »max >= 50 Gb/s\"] }\n", "'bandwidth' is one value and has no 'max'", "leave" },
        { Head + Read + ", checks: [bandwidth >= »50] }\n", "'50' has no unit", "'50 Gb/s'" },
        { Head + Read + ", checks: [bandwidth >= »50 ns] }\n", "'ns' is a unit of a time, not of a bandwidth", "Gb/s" },
        { Head + Read + ", checks: [errors == »0 B] }\n", "'B' is a unit of a size, not of a number", "no unit here" },
        { Head + Read + ", checks: [bandwidth >= 50 Gb/s within »1] }\n", "'1' has no unit", "%" },
        { Head + Read + ", checks: [\"bandwidth >= 50 Gb/s at »2 KiB\"] }\n", "'r' does not measure at 2 KiB", "its sizes: 64 B, 4 KiB" },
    };

    [Theory]
    [MemberData(nameof(Documents))]
    public void AWrongExperimentIsRefusedWhereItIsWrong(string marked, string message, string hint) =>
        WrongInput.MustBeRefused(marked, message, hint, source => ExperimentReader.Read(source.Name, new KeptFiles([source, new("t.yaml", Topology)])));

    [Fact]
    public void WhatIsWrongInTheTopologyIsLocatedThere()
    {
        var wrong = Assert.Throws<Input.InputException>(() =>
            ExperimentReader.Read("e.yaml", new KeptFiles([new("e.yaml", Head + Read + " }\n"), new("t.yaml", "name: t\nhots: 1\n")])));
        Assert.Equal("t.yaml:2:1", wrong.Location.ToString());
    }
}
