using PcieFabric.Actors.Tests.Fabrics;
using PcieFabric.RootComplexes;
using PcieFabric.RootComplexes.Enumeration;

namespace PcieFabric.Actors.Tests.Trains;

/// <summary>A host whose memory the engines of endpoints reach; that writes to and reads from the endpoints' memory, asks registers, resets functions and disables links.</summary>
internal sealed class EngineHost(Host host, List<ulong> targets, bool isDisturbed, List<string> seen)
{
    private const int MostBytes = 200_000;

    public async Task RunAsync()
    {
        // Controllers start, and links come up.
        await host.DelayAsync(SimTime.FromMilliseconds(30));
        var bus = await Bus.EnumerateAsync(host);
        var memory = host.Memory.Allocate(1 << 20, 4096);
        host.Random.Fill(host.Memory.Span(memory, 1 << 20));
        var vectors = new List<InterruptVector>();
        for (var i = 0; i < bus.Endpoints.Count; i++) vectors.Add((await bus.EnableMsiAsync(i, 0))[0]);
        targets.AddRange([memory, memory + (1 << 19)]);
        if (isDisturbed) targets.AddRange([.. bus.Endpoints.Select((_, i) => bus.Bar(i, 0)), 0x7000_0000_0000]);
        await host.DelayAsync(EngineFunction.Go - host.Now);
        if (!isDisturbed) return;
        var running = new List<Task> { DisturbAsync(bus, memory) };
        for (var i = 0; i < bus.Endpoints.Count; i++)
            if (host.Random.Next(2) == 0)
                running.Add(DriveAsync(bus.Bar(i, 0)));
        await Task.WhenAll(running);
        seen.Add($"interrupts {string.Join(' ', vectors.Select(v => v.Count))}");
    }

    /// <summary>Memory of a controller.</summary>
    private async Task DriveAsync(ulong bar)
    {
        var dice = host.Random;
        for (var step = 0; step < 3; step++)
        {
            await host.DelayAsync(new SimTime(dice.Next(dice.Next(2) == 0 ? 1_000 : 1_000_000_000)));
            var at = (ulong)dice.Next(4096) & ~(dice.Next(4) == 0 ? 0 : 511ul);
            var block = new byte[1 + dice.Next(MostBytes)];
            dice.Fill(block);
            if (dice.Next(2) == 0) await host.WriteAsync(bar + at, block);
            else await host.ReadAsync(bar + at, block);
            seen.Add($"{host.Now} {block.Length} at {bar + at:x}: {TrainTests.Hash(block)}");
        }
    }

    private async Task DisturbAsync(Bus bus, ulong memory)
    {
        var looks = host.Random.Next(6);
        for (var i = 0; i < looks; i++)
        {
            await host.DelayAsync(new SimTime(host.Random.Next(500_000_000)));
            seen.Add($"{host.Now} memory {TrainTests.Hash(host.Memory.Span(memory, 1 << 20))}");
            if (host.Random.Next(3) == 0) seen.Add($"{host.Now} id {await bus.Config.ReadAsync(bus.Endpoints[host.Random.Next(bus.Endpoints.Count)].Bdf, 0)}");
        }
        await host.DelayAsync(new SimTime(host.Random.Next(1_000_000_000)));
        var endpoint = bus.Endpoints[host.Random.Next(bus.Endpoints.Count)];
        var bridge = bus.Bridges[host.Random.Next(bus.Bridges.Count)];
        const int deviceControl = 8, reset = 0x8000, linkControl = 0x10, disable = 0x10, command = 4, busMaster = 4;
        var (function, register, bit) = host.Random.Next(10) switch
        {
            0 => (endpoint, ExpressOf(endpoint) + deviceControl, reset),
            1 => (bridge, ExpressOf(bridge) + linkControl, disable),
            2 => (endpoint, command, busMaster),
            _ => default,
        };
        if (function is null) return;
        var control = await bus.Config.ReadAsync(function.Bdf, register);
        await bus.Config.WriteAsync(function.Bdf, register, control ^ (uint)bit, 0b0011);
    }

    private static int ExpressOf(EnumeratedFunction function) => function.FindCapability(0x10)!.Value;
}
