using PcieFabric.Actors.Tests.Fabrics;
using PcieFabric.Engine;
using PcieFabric.Journals;
using PcieFabric.Links;
using PcieFabric.RootComplexes;
using PcieFabric.Topologies;
using PcieFabric.Topologies.Building;
using Xunit.Abstractions;

namespace PcieFabric.Actors.Tests.Trains;

/// <summary>
/// Transfers of DMA engines, and those to and from the memory of endpoint controllers, go by train and nobody can tell. PCIEFABRIC_SEED draws other fabrics, PCIEFABRIC_ENGINE_FABRICS another number of them.
/// </summary>
public sealed class EngineTrainTests(ITestOutputHelper output)
{
    private const int FabricsEach = 20;

    private long _goneOn;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void NobodyCanTellATransferOfAnEngineFromItsTlps(int batch) => Compare(batch, isDisturbed: true);

    /// <summary>Where one engine works after the other, and nobody looks, most goes by train.</summary>
    [Theory]
    [InlineData(5)]
    [InlineData(6)]
    public void NobodyCanTellAnUndisturbedTransferOfAnEngineFromItsTlps(int batch)
    {
        var share = Compare(batch, isDisturbed: false);
        Assert.True(share > 0.25, $"trains spare {share:p0} of all messages");
        Assert.True(_goneOn > TestSeed.Count("PCIEFABRIC_ENGINE_FABRICS", FabricsEach) / 4, $"{_goneOn} trains went on with the next element of a list");
    }

    /// <returns>Which part of the messages trains stood for.</returns>
    private double Compare(int batch, bool isDisturbed)
    {
        var fabrics = TestSeed.Count("PCIEFABRIC_ENGINE_FABRICS", FabricsEach);
        var first = TestSeed.Of(output, 1) + batch * fabrics;
        output.WriteLine($"seeds {first} to {first + fabrics - 1}");
        var (trains, withTrains, mostly, exactly, fast) = (0L, 0, 0, 0L, 0L);
        for (var seed = first; seed < first + fabrics; seed++)
        {
            var expected = Run(seed, isDisturbed, exact: true);
            var actual = Run(seed, isDisturbed, exact: false);
            Assert.Equal(0, expected.Trains);
            (trains, exactly, fast) = (trains + actual.Trains, exactly + expected.Messages, fast + actual.Messages);
            if (actual.Trains > 0) withTrains++;
            if (actual.Messages < 0.75 * expected.Messages) mostly++;
            for (var i = 0; i < Math.Min(expected.Seen.Count, actual.Seen.Count); i++) Assert.True(expected.Seen[i] == actual.Seen[i], $"seed {seed}: exact '{expected.Seen[i]}', by train '{actual.Seen[i]}'");
            Assert.Equal(expected.Seen.Count, actual.Seen.Count);
        }
        output.WriteLine($"{trains} trains in {withTrains} fabrics, {_goneOn} went on, a quarter or more by train in {mostly}, {fast} messages of {exactly}");
        Assert.True(withTrains > fabrics / 2, $"trains in {withTrains} of {fabrics} fabrics");
        Assert.True(mostly >= fabrics / 10, $"a quarter or more by train in {mostly} of {fabrics} fabrics");
        return 1 - (double)fast / exactly;
    }

    private (List<string> Seen, long Trains, long Messages) Run(int seed, bool isDisturbed, bool exact)
    {
        var random = new Random(seed);
        var (seen, targets, start) = (new List<string>(), new List<ulong>(), EngineFunction.Go);
        // One by one there is less to disturb them.
        var turn = isDisturbed && random.Next(3) == 0 ? SimTime.Zero : EngineFunction.Turn;
        using var fabric = FabricBuilder.Build(new EngineTopology(random).Draw(), new FabricOptions
        {
            Seed = (ulong)seed,
            BoundModels = new() { [EngineTopology.Model] = _ => MakeFunction() },
        });
        fabric.Engine.IsExact = exact;
        var host = fabric.Hosts.Values.Single();
        host.Run(h => new EngineHost(h, targets, isDisturbed, seen).RunAsync());
        FabricDigest? digest = null;
        try
        {
            fabric.Engine.Run(until: EngineFunction.Go);
            for (var i = 0; isDisturbed && i < 6; i++)
            {
                fabric.Engine.Run(until: fabric.Engine.Now + new SimTime(1 + random.Next(random.Next(2) == 0 ? 2_000_000 : 200_000_000)));
                Look(fabric, seen);
                if (random.Next(16) == 0) digest ??= FabricDigest.Of(fabric.Engine);
            }
            fabric.Engine.Run();
            AtRest.CheckTraffic(fabric);
            Assert.Empty(fabric.Engine.Stopped);
            Assert.True(host.SoftwareFinished);
            Assert.All(fabric.BoundFunctions, f => Assert.True(f.Value.SoftwareFinished, f.Key));
            Assert.All(fabric.DmaEngines.Values, e => Assert.Equal((0, true), (e.RequestsOutstanding, e.IsIdle)));
            Look(fabric, seen);
            seen.Add($"messages since somebody watched: {digest?.Value:x16}");
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"seed {seed}, exact {exact}: {e.Message}", e);
        }
        _goneOn += fabric.Engine.TrainsGoneOn;
        return (seen, fabric.Engine.Trains, fabric.Engine.Delivered);

        EngineFunction MakeFunction()
        {
            var function = new EngineFunction(targets, start, isDisturbed, seen);
            start += turn;
            return function;
        }
    }

    /// <summary>All that can be seen of a fabric that stands still.</summary>
    private static void Look(Fabric fabric, List<string> seen)
    {
        seen.Add($"now {fabric.Engine.Now}, payloads {fabric.Engine.PayloadsOutstanding}");
        foreach (var (path, port) in fabric.Ports) TrainTests.Look(path, port.Link, seen);
        foreach (var (path, controller) in fabric.Controllers)
        {
            TrainTests.Look(path, controller.Link, seen);
            var counters = string.Join(' ', controller.Functions.Select(f => f?.Counters.UnsupportedRequests));
            seen.Add($"{path} {counters} {controller.Counters.UnsupportedRequests} {controller.Activity.OutsideWindows} {controller.OutboundWindowsInUse}");
        }
        foreach (var (path, dma) in fabric.DmaEngines)
        {
            var credits = string.Join(' ', Enum.GetValues<FlowControlClass>().Select(c => $"{dma.CreditsOut(c)}"));
            seen.Add($"{path} dma {dma.RequestsOutstanding} {dma.IsIdle} {dma.UnexpectedCompletions} {credits}");
        }
        foreach (var (path, software) in fabric.BoundFunctions) seen.Add($"{path} {software.RequestsOutstanding} {TrainTests.Hash(software.Memory.Span(software.Memory.Range.Base, 2 * EngineFunction.BarBytes))}");
        foreach (var (path, host) in fabric.Hosts)
        {
            var counters = host.Counters;
            seen.Add($"{path} {counters.TlpsFromPorts} {counters.TlpsBetweenPorts} {counters.BytesWritten} {counters.BytesRead} {TrainTests.Hash(host.Host.Memory.Span(0, 2 << 20))} {string.Join(',', host.Host.Requesters.Select(r => r.RequestsSent))}");
        }
    }
}
