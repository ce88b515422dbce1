using PcieFabric.Actors.Tests.Fabrics;
using PcieFabric.Engine;
using PcieFabric.Journals;
using Xunit.Abstractions;

namespace PcieFabric.Actors.Tests.Trains;

/// <summary>Reads that come again over the same way: a train then goes by the course of one before, and nobody can tell. PCIEFABRIC_SEED draws other fabrics, PCIEFABRIC_READ_FABRICS another number of them.</summary>
public sealed class RepeatedReadTests(ITestOutputHelper output)
{
    private const int FabricsEach = 16;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void NobodyCanTellARepeatedReadFromItsTlps(int batch) => Compare(batch, isDisturbed: true);

    /// <summary>Where nobody comes by, hardly any request is followed.</summary>
    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public void NobodyCanTellAnUndisturbedRepeatedReadFromItsTlps(int batch)
    {
        var share = Compare(batch, isDisturbed: false);
        Assert.True(share > 0.5, $"trains skip {share:p0} of all requests");
    }

    /// <summary>There, the processor waits with a request for a port whose queue a train empties.</summary>
    [Fact]
    public void NobodyCanTellATrainFromTlpsBehindWhichAProcessorWaits() => Compare(750067, 1, isDisturbed: true, out _);

    /// <returns>Which part of the requests trains did not follow.</returns>
    private double Compare(int batch, bool isDisturbed)
    {
        var fabrics = TestSeed.Count("PCIEFABRIC_READ_FABRICS", FabricsEach);
        var trains = Compare(TestSeed.Of(output, 1) + batch * fabrics, fabrics, isDisturbed, out var share);
        Assert.True(trains > 0 && share > 0);
        return share;
    }

    private long Compare(int first, int fabrics, bool isDisturbed, out double share)
    {
        output.WriteLine($"seeds {first} to {first + fabrics - 1}");
        var (trains, skipped, sent) = (0L, 0L, 0L);
        for (var seed = first; seed < first + fabrics; seed++)
        {
            var exact = Run(seed, isDisturbed, exact: true);
            var fast = Run(seed, isDisturbed, exact: false);
            Assert.Equal(0, exact.Trains);
            (trains, skipped, sent) = (trains + fast.Trains, skipped + fast.Skipped, sent + fast.Sent);
            for (var i = 0; i < Math.Min(exact.Seen.Count, fast.Seen.Count); i++) Assert.True(exact.Seen[i] == fast.Seen[i], $"seed {seed}: exact '{exact.Seen[i]}', by train '{fast.Seen[i]}'");
            Assert.Equal(exact.Seen.Count, fast.Seen.Count);
        }
        output.WriteLine($"{trains} trains, {skipped} requests of {sent} skipped");
        share = (double)skipped / sent;
        return trains;
    }

    private static (List<string> Seen, long Trains, long Skipped, long Sent) Run(int seed, bool isDisturbed, bool exact)
    {
        var random = new Random(seed);
        var reads = new RepeatedReads(random, isDisturbed);
        using var fabric = new TestFabric(reads.DrawTopology(), (ulong)seed, taps: false);
        fabric.Engine.IsExact = exact;
        var seen = new List<string>();
        foreach (var host in fabric.Fabric.Hosts.Values) host.Run(h => reads.RunAsync(h, fabric.Probes, seen));
        FabricDigest? digest = null;
        for (var i = 0; isDisturbed && i < 5; i++)
        {
            fabric.Engine.Run(until: fabric.Engine.Now + new SimTime(1 + random.Next(random.Next(2) == 0 ? 2_000_000 : 400_000_000)));
            TrainTests.Look(fabric, seen);
            if (random.Next(16) == 0) digest ??= FabricDigest.Of(fabric.Engine);
        }
        fabric.Engine.Run();
        AtRest.Check(fabric.Fabric);
        TrainTests.Look(fabric, seen);
        seen.Add($"messages since somebody watched: {digest?.Value:x16}");
        return (seen, fabric.Engine.Trains, fabric.Engine.TrainRequestsSkipped, fabric.Fabric.Functions.Values.Sum(f => f.Requester.RequestsSent));
    }
}
