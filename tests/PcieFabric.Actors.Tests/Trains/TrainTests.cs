using PcieFabric.Actors.Tests.Determinism;
using PcieFabric.Actors.Tests.Fabrics;
using PcieFabric.Engine;
using PcieFabric.Journals;
using PcieFabric.Links;
using PcieFabric.Ports;
using PcieFabric.RootComplexes;
using PcieFabric.Topologies;
using Xunit.Abstractions;

namespace PcieFabric.Actors.Tests.Trains;

/// <summary>A train cannot be told from the TLPs that it stands for. PCIEFABRIC_SEED draws other fabrics, PCIEFABRIC_FABRICS and PCIEFABRIC_LONG_FABRICS another number of them.</summary>
public sealed class TrainTests(ITestOutputHelper output)
{
    private const int FabricsEach = 70;
    private const int LongFabricsEach = 8;
    private const int LongScale = 32;

    /// <summary>How often a train went on with the next transfer.</summary>
    private long _goneOn;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    public void NobodyCanTellATrainFromItsTlps(int batch) => Compare(batch, TestSeed.Count("PCIEFABRIC_FABRICS", FabricsEach), scale: 1);

    /// <summary>Transfers of a megabyte and more, most of which trains do not follow: what they did before, and what other trains did, they do again.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void NobodyCanTellWhatATrainDoesAgainFromItsTlps(int batch) => Compare(batch, TestSeed.Count("PCIEFABRIC_LONG_FABRICS", LongFabricsEach), LongScale);

    /// <summary>Where nobody comes by, trains follow few of their requests.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void NobodyCanTellWhatUndisturbedTrainsDoAgainFromItsTlps(int batch)
    {
        var share = Compare(TestSeed.Of(output, 1) + batch * LongFabricsEach, TestSeed.Count("PCIEFABRIC_LONG_FABRICS", LongFabricsEach), LongScale, Traffic.Undisturbed);
        Assert.True(share > 0.25, $"trains skip {share:p0} of all requests");
    }

    /// <summary>There, completions overtake others before a train departs.</summary>
    [Fact]
    public void NobodyCanTellTrainsFromTlpsThatOvertakeEachOther() => Compare(910066, 1, LongScale, Traffic.Bulk);

    /// <summary>Block after block, so that trains go on from one transfer to the next, and somebody comes by shortly after.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void NobodyCanTellHowATrainGoesOnWithTheNextTransfer(int batch)
    {
        var fabrics = TestSeed.Count("PCIEFABRIC_FABRICS", FabricsEach);
        Compare(TestSeed.Of(output, 1) + batch * fabrics, fabrics, scale: 1, Traffic.Blocks);
        Assert.True(_goneOn > 0);
    }

    /// <summary>Likewise with transfers of a megabyte or so.</summary>
    [Fact]
    public void NobodyCanTellHowATrainGoesOnWithTheNextLongTransfer() =>
        Compare(TestSeed.Of(output, 1), TestSeed.Count("PCIEFABRIC_LONG_FABRICS", LongFabricsEach / 2), LongScale, Traffic.Blocks);

    private double Compare(int batch, int fabrics, int scale) => Compare(TestSeed.Of(output, 1) + batch * fabrics, fabrics, scale, Traffic.Bulk);

    /// <returns>Which part of the requests trains did not follow.</returns>
    private double Compare(int first, int fabrics, int scale, Traffic traffic)
    {
        output.WriteLine($"seeds {first} to {first + fabrics - 1}");
        var (trains, skipped, sent) = (0L, 0L, 0L);
        var (withTrains, skipping) = (0, 0);
        for (var seed = first; seed < first + fabrics; seed++)
        {
            var topology = new RandomTopology(new Random(seed), scale).Draw();
            var exact = Run(topology, seed, exact: true, scale, traffic);
            var fast = Run(topology, seed, exact: false, scale, traffic);
            Assert.Equal(0, exact.Trains);
            trains += fast.Trains;
            skipped += fast.Skipped;
            if (fast.Trains > 0)
            {
                withTrains++;
                sent += fast.Sent;
            }
            if (fast.Skipped > 0) skipping++;
            for (var i = 0; i < Math.Min(exact.Seen.Count, fast.Seen.Count); i++) Assert.True(exact.Seen[i] == fast.Seen[i], $"seed {seed}: exact '{exact.Seen[i]}', by train '{fast.Seen[i]}'");
            Assert.Equal(exact.Seen.Count, fast.Seen.Count);
        }
        output.WriteLine($"{trains} trains in {withTrains} fabrics, {skipped} requests of {sent} skipped in {skipping}, gone on {_goneOn} times");
        Assert.True(trains > 0);
        return (double)skipped / sent;
    }

    private (List<string> Seen, long Trains, long Skipped, long Sent) Run(TopologyDefinition topology, int seed, bool exact, int scale, Traffic traffic)
    {
        using var fabric = new TestFabric(topology, (ulong)seed, partitions: 1, taps: false);
        fabric.Engine.IsExact = exact;
        var seen = new List<string>();
        var software = SoftwareOf(fabric, traffic, scale, seen);
        foreach (var host in fabric.Fabric.Hosts.Values) host.Run(software);
        var pauses = new Random(seed);
        FabricDigest? digest = null;
        try
        {
            // Who stops the clock sees no difference either.
            for (var i = traffic == Traffic.Undisturbed ? 3 : 0; i < 4; i++)
            {
                fabric.Engine.Run(until: SimTime.FromMicroseconds(pauses.Next(20, 400) * (i + 1) * (long)scale));
                for (var often = traffic == Traffic.Blocks ? 4 : 0; often > 0; often--) fabric.Engine.Run(until: fabric.Engine.Now + new SimTime(pauses.Next(2_000_000)));
                Look(fabric, seen);
                // Who begins to watch sees the rest of a transfer message by message, as it would have been.
                if (pauses.Next(8) == 0) digest ??= FabricDigest.Of(fabric.Engine);
            }
            fabric.Engine.Run();
            AtRest.Check(fabric.Fabric);
            Look(fabric, seen);
            seen.Add($"messages since somebody watched: {digest?.Value:x16}");
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"seed {seed}, exact {exact}: {e.Message}", e);
        }
        var sent = fabric.Fabric.Functions.Values.Sum(f => f.Requester.RequestsSent) + fabric.Fabric.Hosts.Values.Sum(h => h.Host.Requesters.Sum(r => r.RequestsSent));
        _goneOn += fabric.Engine.TrainsGoneOn;
        return (seen, fabric.Engine.Trains, fabric.Engine.TrainRequestsSkipped, sent);
    }

    private enum Traffic
    {
        Bulk,
        Undisturbed,
        Blocks,
    }

    private static Func<Host, Task> SoftwareOf(TestFabric fabric, Traffic traffic, int scale, List<string> seen)
    {
        if (traffic == Traffic.Blocks)
        {
            var blocks = new BlockSoftware(scale, seen);
            foreach (var probe in fabric.Probes) blocks.Program(probe);
            return blocks.RunAsync;
        }
        foreach (var probe in fabric.Probes) BulkSoftware.Program(probe, seen);
        var software = new BulkSoftware(scale);
        return traffic == Traffic.Bulk ? h => software.RunAsync(h, seen) : h => software.RunUndisturbedAsync(h, seen);
    }

    /// <summary>All that can be seen of a fabric that stands still.</summary>
    internal static void Look(TestFabric fabric, List<string> seen)
    {
        seen.Add($"now {fabric.Engine.Now}, payloads {fabric.Engine.PayloadsOutstanding}");
        foreach (var (path, port) in fabric.Fabric.Ports) Look(path, port.Link, seen);
        foreach (var (path, endpoint) in fabric.Fabric.Endpoints) Look(path, endpoint.Link, seen);
        foreach (var (path, host) in fabric.Fabric.Hosts)
        {
            var counters = host.Counters;
            seen.Add($"{path} {counters.TlpsFromPorts} {counters.TlpsBetweenPorts} {counters.BytesWritten} {counters.BytesRead} {Hash(host.Host.Memory.Span(0, 2 << 20))} {string.Join(',', host.Host.Requesters.Select(r => r.RequestsSent))}");
        }
        foreach (var (path, function) in fabric.Fabric.Functions) seen.Add($"{path} {function.Requester.RequestsSent}");
    }

    internal static void Look(string path, LinkPort link, List<string> seen)
    {
        var credits = string.Join(' ', Enum.GetValues<FlowControlClass>().Select(c => $"{link.Transmitter.CreditsOut(c)} {link.CreditsTaken(c)}"));
        seen.Add($"{path} sent {link.Transmitter.TlpsSent} {link.Transmitter.PayloadBytesSent}, received {link.TlpsReceived} {link.PayloadBytesReceived}, waiting {link.Transmitter.Waiting}, updates {link.UpdatesSent}, {credits}");
    }

    internal static ulong Hash(ReadOnlySpan<byte> bytes)
    {
        var digest = new Digest(1);
        foreach (var odd in bytes[(bytes.Length & ~7)..]) digest.Add(odd);
        foreach (var word in System.Runtime.InteropServices.MemoryMarshal.Cast<byte, ulong>(bytes)) digest.Add(word);
        return digest.Value;
    }
}
