using PcieFabric.Actors.Tests.Fabrics;
using PcieFabric.Links;
using PcieFabric.RootComplexes;
using PcieFabric.Topologies;

namespace PcieFabric.Actors.Tests.Trains;

/// <summary>Functions that read much, the same again and again, of memory or of each other, and a host that comes by at any time, or not at all.</summary>
internal sealed class RepeatedReads(Random random, bool isDisturbed)
{
    private const ulong Go = 0x20;
    private const int MemoryBytes = 4 << 20;
    private const int BarBytes = 1 << 20;

    /// <summary>One to three endpoints, below up to three switches or none, with links that grant plenty, little, or next to nothing.</summary>
    public TopologyDefinition DrawTopology()
    {
        var parts = 0;
        var ports = Enumerable.Range(0, random.Next(1, 3)).Select(_ => Port(0)).ToArray();
        return Parts.Host(ports);

        PortDefinition Port(int depth)
        {
            if (depth == 3 || parts > 3 || random.Next(2) == 0) return Parts.Port(Parts.Endpoint($"ep{parts++}", Parts.Function($"f{parts}", memoryBytes: BarBytes)), Link());
            var below = Enumerable.Range(0, random.Next(1, 3)).Select(_ => Port(depth + 1)).ToArray();
            return Parts.Port(new SwitchDefinition { Name = $"sw{parts++}", Forwarding = Pick(Forwarding.CutThrough, Forwarding.StoreAndForward), Latency = SimTime.FromNanoseconds(random.Next(1, 200)), Ports = below }, Link());
        }
    }

    private LinkSettings Link()
    {
        var link = new LinkSettings
        {
            Generation = new LinkGeneration(random.Next(1, 7)),
            Width = new LinkWidth(Pick(4, 8, 16)),
            Propagation = new SimTime(random.Next(1_000, 100_000)),
            MaxPayloadSize = Pick(128, 256, 512),
            MaxReadRequestSize = Pick(128, 256, 512),
            ReadCompletionBoundary = Pick(64, 128),
        };
        var least = link.MaxPayloadSize / 16;
        return random.Next(isDisturbed ? 6 : 12) switch
        {
            0 => link with { Credits = new(new(8, 8 * least), new(random.Next(8, 64), 64), new(random.Next(8, 64), random.Next(8, 64) * least)) },
            1 => link with { Credits = new(default, new(random.Next(32, 400), 0), new(random.Next(32, 400), random.Next(32, 400) * least)) },
            2 => link with { Credits = default },
            _ => link,
        };
    }

    private T Pick<T>(params ReadOnlySpan<T> of) => of[random.Next(of.Length)];

    public async Task RunAsync(Host host, IReadOnlyList<Probe> probes, List<string> seen)
    {
        var bus = await Bus.EnumerateAsync(host);
        var memory = host.Memory.Allocate(MemoryBytes, 4096);
        host.Random.Fill(host.Memory.Span(memory, MemoryBytes));
        var running = new List<Task>();
        for (var i = 0; i < bus.Endpoints.Count && i < 3; i++)
        {
            var endpoint = i;
            probes[i].Doorbell = async (offset, _) =>
            {
                if (offset == Go) await ReadAsync(probes[endpoint], bus, endpoint, memory, seen);
            };
            var vectors = await bus.EnableMsiXAsync(i, 1);
            await host.Write32Async(bus.Bar(i, 0) + Go, 1);
            if (isDisturbed) running.Add(VisitAsync(host, bus, i, memory, seen));
            else await vectors[0].WaitAsync();
        }
        await Task.WhenAll(running);
    }

    /// <summary>What a function does: few lengths, each many times, seldom another; at once, or after a while.</summary>
    private async Task ReadAsync(Probe probe, Bus bus, int endpoint, ulong memory, List<string> seen)
    {
        var dice = probe.Dice;
        if (dice.Next(2) == 0) probe.Limit(8 << dice.Next(8));
        var peer = dice.Next(bus.Endpoints.Count);
        var toPeer = dice.Next(3) == 0 && peer != endpoint;
        var most = toPeer ? BarBytes : MemoryBytes;
        var target = toPeer ? bus.Bar(peer, 2) : memory;
        var lengths = new[] { Length(), Length() };
        for (var i = 0; i < 14; i++)
        {
            var isOdd = dice.Next(isDisturbed ? 6 : 14) == 0;
            var block = new byte[isOdd ? 1 + dice.Next(200_000) : lengths[dice.Next(10) == 0 ? 1 : 0]];
            var at = isOdd ? (ulong)dice.Next(5000) : (ulong)dice.Next((most - block.Length) / 4096 + 1) * 4096;
            if (dice.Next(isDisturbed ? 8 : 20) == 0)
            {
                var written = await probe.Write(target + at, block.AsMemory(0, Math.Min(block.Length, 20_000)));
                seen.Add($"{probe.Time} function {endpoint} wrote: {written.IsSuccess}");
            }
            if (dice.Next(4) == 0) await probe.Delay(new SimTime(1 + dice.Next(dice.Next(2) == 0 ? 2_000 : 3_000_000)));
            var read = probe.Read(target + at, block);
            // What comes in the same instant stays behind the first requests.
            if (dice.Next(12) == 0) probe.Interrupt(1);
            if (dice.Next(20) == 0) await probe.Read(target, new byte[1 + dice.Next(300)]);
            var result = await read;
            seen.Add($"{probe.Time} function {endpoint} read {block.Length} bytes: {result.IsSuccess} {TrainTests.Hash(block)}");
            if (!result.IsSuccess) break;
        }
        probe.Interrupt(0);

        int Length() => Math.Min(most, 1 << (16 + dice.Next(dice.Next(3) == 0 ? 7 : 3)));
    }

    private static async Task VisitAsync(Host host, Bus bus, int endpoint, ulong memory, List<string> seen)
    {
        var dice = host.Random;
        for (var visits = dice.Next(10); visits > 0; visits--)
        {
            await host.DelayAsync(new SimTime(1 + dice.Next(dice.Next(2) == 0 ? 500_000 : 300_000_000)));
            switch (dice.Next(10))
            {
                case < 3:
                    seen.Add($"{host.Now} register {await host.Read32Async(bus.Bar(endpoint, 0) + 0x40)}");
                    break;
                case < 6:
                    host.Memory.Span(memory + (ulong)dice.Next(MemoryBytes - 4096), 4096).Fill((byte)dice.Next(256));
                    break;
                case < 9:
                    var block = new byte[(16 << 10) * (1 + dice.Next(3))];
                    for (var i = 0; i < 3; i++)
                    {
                        await host.ReadAsync(bus.Bar(endpoint, 2), block);
                        seen.Add($"{host.Now} read {block.Length}: {TrainTests.Hash(block)}");
                    }
                    break;
                default:
                    var function = bus.Endpoints[endpoint];
                    var express = function.FindCapability(0x10)!.Value;
                    var control = await bus.Config.ReadAsync(function.Bdf, express + 8);
                    await bus.Config.WriteAsync(function.Bdf, express + 8, control | 0x8000, 0b0011);
                    return;
            }
        }
    }
}
