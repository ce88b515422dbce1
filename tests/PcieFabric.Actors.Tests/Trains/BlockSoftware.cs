using PcieFabric.Actors.Tests.Fabrics;
using PcieFabric.RootComplexes;
using PcieFabric.RootComplexes.Enumeration;

namespace PcieFabric.Actors.Tests.Trains;

/// <summary>
/// Host software and functions that write block after block, to one place or to others, with and without a gap, and use a buffer again as soon as it was sent. Meanwhile registers are read,
/// interrupts are sent, functions are reset and links are disabled.
/// </summary>
/// <param name="scale">How much longer blocks are than some hundred requests.</param>
internal sealed class BlockSoftware(int scale, List<string> seen)
{
    private const ulong Doorbell = 0x20;

    private readonly int _memoryBytes = scale << 17;
    private readonly int _mostBytes = scale * 80 * 512;

    /// <summary>Where functions write, once all is enumerated.</summary>
    private readonly List<ulong> _targets = [];

    public async Task RunAsync(Host host)
    {
        var running = new List<Task>();
        for (var hierarchy = 0; hierarchy < host.Hierarchies.Count; hierarchy++)
        {
            var bus = await Bus.EnumerateAsync(host, hierarchy: hierarchy);
            var memory = host.Memory.Allocate((ulong)_memoryBytes);
            for (var i = 0; i < bus.Endpoints.Count; i++) _targets.AddRange([memory, memory + (ulong)_memoryBytes / 2, bus.Bar(i, 2)]);
            // One by one there is less to disturb them.
            var inTurn = host.Random.Next(2) == 0;
            for (var i = 0; i < bus.Endpoints.Count && i < 3; i++)
            {
                var driving = DriveAsync(host, bus, i);
                running.Add(driving);
                if (inTurn) await driving;
            }
            running.Add(DisturbAsync(host, bus, memory));
        }
        await Task.WhenAll(running);
    }

    /// <summary>A probe's part: its doorbell has it write some blocks.</summary>
    public void Program(Probe probe) => probe.Doorbell = async (offset, blocks) =>
    {
        if (offset != Doorbell) return;
        var buffer = new byte[_mostBytes];
        var target = _targets[probe.Dice.Next(_targets.Count)];
        for (var i = 0; i < blocks; i++)
        {
            if (probe.Dice.Next(5) == 0) target = _targets[probe.Dice.Next(_targets.Count)];
            var block = Draw(probe.Dice, buffer, out var at);
            var result = await probe.Write(target + at, block);
            seen.Add($"{probe.Time} DMA write of {block.Length} bytes: {result.IsSuccess}");
            block.Span.Fill((byte)i);
            var what = probe.Dice.Next(12);
            if (what == 0) probe.Interrupt(0);
            if (what == 1) seen.Add($"{probe.Time} DMA read: {(await probe.Read(target + at, buffer.AsMemory(0, 64))).IsSuccess} {TrainTests.Hash(buffer.AsSpan(0, 64))}");
            if (what == 2) await probe.Delay(new SimTime(1 + probe.Dice.Next(probe.Dice.Next(2) == 0 ? 3 : 500_000)));
        }
        probe.Interrupt(0);
    };

    /// <summary>Most blocks are of whole requests.</summary>
    private Memory<byte> Draw(PcieFabric.Engine.DeterministicRandom dice, byte[] buffer, out ulong at)
    {
        var isOdd = dice.Next(4) == 0;
        at = (ulong)dice.Next(4096) & ~(isOdd ? 0 : 511ul);
        var bytes = dice.Next(6) == 0 ? 1 + dice.Next(3000) : _mostBytes / 2 + dice.Next(_mostBytes / 2);
        var block = buffer.AsMemory(0, isOdd ? bytes : (bytes + 511) & ~511);
        dice.Fill(block.Span);
        return block;
    }

    private async Task DriveAsync(Host host, Bus bus, int endpoint)
    {
        var dice = host.Random;
        await bus.EnableMsiXAsync(endpoint, 1);
        for (var step = 0; step < 2; step++)
        {
            await host.DelayAsync(new SimTime(dice.Next(dice.Next(2) == 0 ? 1_000 : 50_000_000)));
            if (dice.Next(2) == 0) await host.Write32Async(bus.Bar(endpoint, 0) + Doorbell, (uint)(2 + dice.Next(10)));
            else await WriteAsync(host, bus, endpoint, 2 + dice.Next(10));
            if (dice.Next(3) == 0) seen.Add($"{host.Now} register {await host.Read32Async(bus.Bar(endpoint, 0) + 0x40)}");
        }
    }

    private async Task WriteAsync(Host host, Bus bus, int endpoint, int blocks)
    {
        var buffer = new byte[_mostBytes];
        for (var i = 0; i < blocks; i++)
        {
            var block = Draw(host.Random, buffer, out var at);
            var target = host.Random.Next(5) == 0 ? host.Random.Next(bus.Endpoints.Count) : endpoint;
            await host.WriteAsync(bus.Bar(target, 2) + at, block);
            seen.Add($"{host.Now} wrote {block.Length}");
            block.Span.Fill((byte)i);
            var what = host.Random.Next(12);
            if (what == 0) seen.Add($"{host.Now} register {await host.Read32Async(bus.Bar(endpoint, 0) + 0x40)}");
            if (what == 1) await host.DelayAsync(new SimTime(1 + host.Random.Next(host.Random.Next(2) == 0 ? 3 : 500_000)));
            if (what == 2) await host.Write32Async(bus.Bar(endpoint, 0) + Doorbell, 2);
        }
        var check = new byte[256];
        await host.ReadAsync(bus.Bar(endpoint, 2), check);
        seen.Add($"{host.Now} read {TrainTests.Hash(check)}");
    }

    /// <summary>Looks at memory; at last resets a function or disables a link, as a rule neither.</summary>
    private async Task DisturbAsync(Host host, Bus bus, ulong memory)
    {
        var looks = host.Random.Next(6);
        for (var i = 0; i < looks; i++)
        {
            await host.DelayAsync(new SimTime(host.Random.Next(20_000_000) * (long)scale));
            seen.Add($"{host.Now} memory {TrainTests.Hash(host.Memory.Span(memory, _memoryBytes))}");
        }
        var what = host.Random.Next(8);
        var endpoint = bus.Endpoints[host.Random.Next(bus.Endpoints.Count)];
        var bridge = bus.Bridges[host.Random.Next(bus.Bridges.Count)];
        if (what == 0) await SetAsync(bus, endpoint, 8, 0x8000);
        if (what == 1) await SetAsync(bus, bridge, 0x10, 0x10);
    }

    /// <param name="register">Of the PCI Express capability: Device Control, whose bit 15 resets, or Link Control, whose bit 4 disables.</param>
    private static async Task SetAsync(Bus bus, EnumeratedFunction function, int register, uint bit)
    {
        var at = function.FindCapability(0x10)!.Value + register;
        var control = await bus.Config.ReadAsync(function.Bdf, at);
        await bus.Config.WriteAsync(function.Bdf, at, control | bit, 0b0011);
    }
}
