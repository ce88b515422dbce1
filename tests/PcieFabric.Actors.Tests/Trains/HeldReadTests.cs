using PcieFabric.Actors.Tests.Fabrics;
using PcieFabric.Links;
using PcieFabric.RootComplexes;
using PcieFabric.Topologies;

namespace PcieFabric.Actors.Tests.Trains;

/// <summary>A long read waits to the end of the message in which it begins, to go by train from its first request on: whatever else happens in that message finds it as if it had gone at once.</summary>
public sealed class HeldReadTests
{
    private const int Reads = 5;
    private const int Pauses = 5;
    private const int Bytes = 1 << 20;

    [Fact]
    public void OfARepeatedReadOnlyTheFirstIsFollowedByItsTrain()
    {
        var (_, skipped) = Run(exact: false, pauses: 0, static (_, read) => read());
        Assert.Equal((Reads - 1) * Bytes / new LinkSettings().MaxReadRequestSize, skipped);
    }

    [Fact]
    public void WhatIsWrittenRightAfterAReadGoesBehindItsFirstRequests() => Compare(static async (probe, read) =>
    {
        var reading = read();
        await probe.Write(0x1000, new byte[700]);
        await reading;
    });

    [Fact]
    public void AnInterruptRightAfterAReadGoesBehindItsFirstRequests() => Compare(static async (probe, read) =>
    {
        var reading = read();
        probe.Line(true);
        probe.Line(false);
        await reading;
    });

    [Fact]
    public void TwoReadsThatBeginAtOnceTakeTurns() => Compare(static async (_, read) =>
    {
        var (first, second) = (read(), read());
        await first;
        await second;
    });

    [Fact]
    public void TagsDoNotChangeUnderARead() => Compare(static async (probe, read) =>
    {
        var reading = read();
        probe.Limit(7);
        await reading;
    });

    [Fact]
    public void AFunctionThatFailsRightAfterItBeganAReadHasSentIt() => Compare(static (probe, read) =>
    {
        _ = read();
        throw new InvalidOperationException("the function fails");
    });

    [Fact]
    public void ReadsOfOneHostInTwoHierarchiesBeginAtOnce() => Assert.Equal(ReadInTwoHierarchies(exact: true), ReadInTwoHierarchies(exact: false));

    private static List<string> ReadInTwoHierarchies(bool exact)
    {
        var function = Parts.Function(memoryBytes: Bytes);
        var one = new RootComplexDefinition { Ports = [Parts.Port(Parts.Endpoint("ep", function))], PeerToPeer = PeerToPeerPolicy.Full };
        var host0 = new HostDefinition { Name = "host0", MemoryBytes = 16 << 20, RootComplexes = [one with { Name = "a" }, one with { Name = "b", Segment = 1 }] };
        using var fabric = new TestFabric(new TopologyDefinition { Name = "two", Hosts = [host0] }, taps: false);
        fabric.Engine.IsExact = exact;
        var seen = new List<string>();
        fabric.Root.Run(async host =>
        {
            var bars = new List<ulong>();
            for (var i = 0; i < 2; i++) bars.Add((await Bus.EnumerateAsync(host, hierarchy: i)).Bar(0, 2));
            for (var i = 0; i < Reads; i++)
            {
                Task<string>[] reading = [ReadAsync(host, 0, bars[0]), ReadAsync(host, 1, bars[1])];
                foreach (var read in reading) seen.Add(await read);
            }
        });
        fabric.Engine.Run();
        TrainTests.Look(fabric, seen);
        return seen;
    }

    private static async Task<string> ReadAsync(Host host, int hierarchy, ulong bar)
    {
        var block = new byte[Bytes];
        var result = await host.Requesters[hierarchy].ReadAsync(bar, block);
        return $"{host.Now} {result.IsSuccess} {TrainTests.Hash(block)}";
    }

    private static void Compare(Func<Probe, Func<Task>, Task> use)
    {
        var (exact, _) = Run(exact: true, Pauses, use);
        var (fast, _) = Run(exact: false, Pauses, use);
        Assert.Equal(exact, fast);
    }

    private static (List<string> Seen, long Skipped) Run(bool exact, int pauses, Func<Probe, Func<Task>, Task> use)
    {
        using var fabric = new TestFabric(Parts.Host(Parts.Switch("switch", Parts.Endpoint("ep", Parts.Function(interruptPin: 1)))), taps: false);
        fabric.Engine.IsExact = exact;
        var seen = new List<string>();
        var probe = fabric.Probes[0];
        fabric.Root.Run(async host =>
        {
            var bus = await Bus.EnumerateAsync(host);
            var memory = host.Memory.Allocate(Bytes, 4096);
            host.Random.Fill(host.Memory.Span(memory, Bytes));
            probe.Doorbell = async (_, _) =>
            {
                for (var i = 0; i < Reads; i++)
                {
                    await use(probe, async () =>
                    {
                        var block = new byte[Bytes];
                        var result = await probe.Read(memory, block);
                        seen.Add($"{probe.Time} {result.IsSuccess} {TrainTests.Hash(block)}");
                    });
                }
            };
            await host.Write32Async(bus.Bar(0, 0), 1);
        });
        for (var i = 1; i <= pauses; i++)
        {
            fabric.Engine.Run(until: SimTime.FromMicroseconds(100 * i * i));
            TrainTests.Look(fabric, seen);
        }
        fabric.Engine.Run();
        TrainTests.Look(fabric, seen);
        return (seen, fabric.Engine.TrainRequestsSkipped);
    }
}
