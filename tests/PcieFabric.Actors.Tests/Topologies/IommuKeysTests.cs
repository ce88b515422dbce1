using PcieFabric.Documents;
using PcieFabric.Input;
using PcieFabric.Iommus;
using PcieFabric.Topologies;
using PcieFabric.Topologies.Reading;
using PcieFabric.Units;

namespace PcieFabric.Actors.Tests.Topologies;

public sealed class IommuKeysTests
{
    private static HostDefinition Read(string keys) => Assert.Single(TopologyReader.Read(new SourceText("t.yaml",
        $"name: t\nhosts:\n  host0:\n{keys}    ports: [{{ attach: none }}]\n")).Hosts);

    [Fact]
    public void AHostHasNoIommuUnlessItSaysSo() => Assert.Null(Read("").Iommu);

    [Theory]
    [InlineData("    iommu: {}\n")]
    [InlineData("    iommu:\n")]
    public void AnIommuOfWhichNothingIsSaidHasAllDefaults(string keys) => Assert.Equal(new IommuSettings(), Read(keys).Iommu);

    [Fact]
    public void EveryKeyReachesTheSettings() => Assert.Equal(
        new IommuSettings
        {
            Entries = 96,
            Ways = 6,
            LargestPageBytes = 1 << 21,
            HitLatency = SimTime.FromNanoseconds(3),
            WalkLatency = SimTime.FromNanoseconds(50),
            Walkers = 2,
            FaultRecords = 8,
            Interrupts = InterruptPolicy.Block,
            PeerToPeer = PeerTranslationPolicy.Bypass,
            InvalidateTimeout = SimTime.FromMilliseconds(5),
        },
        Read("    iommu: { entries: 96, ways: 6, largest-page: 2 MiB, hit-latency: 3 ns, walk-latency: 50 ns, walkers: 2, fault-records: 8, interrupts: block, peer-to-peer: bypass, invalidate-timeout: 5 ms }\n").Iommu);

    [Theory]
    [InlineData("    iommu: { entries: 60 }\n", "t.yaml:4:23", "60 entries are not a power of two of sets of 4")]
    [InlineData("    iommu: { ways: 5 }\n", "t.yaml:4:12", "64 entries are not a power of two of sets of 5")]
    [InlineData("    iommu: { entreis: 64 }\n", "t.yaml:4:14", "unknown key 'entreis'")]
    [InlineData("    iommu: { walkers: 0 }\n", "t.yaml:4:23", "'walkers'")]
    [InlineData("    iommu: { largest-page: 8 KiB }\n", "t.yaml:4:28", "'largest-page'")]
    [InlineData("    iommu: { walk-latency: 80 }\n", "t.yaml:4:28", "'walk-latency'")]
    public void WhatCannotBeIsLocated(string keys, string place, string message)
    {
        var wrong = Assert.Throws<InputException>(() => Read(keys));
        Assert.Equal(place, wrong.Location.ToString());
        Assert.Contains(message, wrong.Message, StringComparison.Ordinal);
    }
}
