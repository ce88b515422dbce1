using PcieFabric.Actors.Tests.Fabrics;
using PcieFabric.RootComplexes;

namespace PcieFabric.Actors.Tests.Trains;

/// <summary>Host software that has much to send, by itself and by DMA, to memory and to peers, and that disturbs itself: it looks at memory, asks registers and resets functions meanwhile.</summary>
/// <param name="scale">How much longer transfers are than some hundred requests.</param>
internal sealed class BulkSoftware(int scale)
{
    private const ulong Doorbell = 0x20;

    /// <summary>Of the doorbell: the function reads, and does not write.</summary>
    private const uint Reads = 1u << 31;

    private readonly int _bufferBytes = scale << 17;
    private readonly int _mostBytes = scale * 50_000;

    public async Task RunAsync(Host host, List<string> seen)
    {
        var running = new List<Task>();
        for (var hierarchy = 0; hierarchy < host.Hierarchies.Count; hierarchy++)
        {
            var bus = await Bus.EnumerateAsync(host, hierarchy: hierarchy);
            var memory = host.Memory.Allocate((ulong)_bufferBytes);
            for (var i = 0; i < bus.Endpoints.Count && i < 3; i++) running.Add(DriveAsync(host, bus, memory, i, seen));
            running.Add(WatchAsync(host, memory, seen));
        }
        await Task.WhenAll(running);
    }

    /// <summary>One transfer after the other, and nobody who looks: the functions write to memory.</summary>
    public async Task RunUndisturbedAsync(Host host, List<string> seen)
    {
        for (var hierarchy = 0; hierarchy < host.Hierarchies.Count; hierarchy++)
        {
            var bus = await Bus.EnumerateAsync(host, hierarchy: hierarchy);
            var memory = host.Memory.Allocate((ulong)_bufferBytes);
            for (var endpoint = 0; endpoint < bus.Endpoints.Count && endpoint < 3; endpoint++)
            {
                var vectors = await bus.EnableMsiXAsync(endpoint, 1);
                for (var i = 0; i < 3; i++)
                {
                    await StartAsync(host, bus, endpoint, memory + (ulong)host.Random.Next(4096), _bufferBytes - 4096 - host.Random.Next(4096), reads: false);
                    await vectors[0].WaitAsync();
                    seen.Add($"{host.Now} interrupt of {endpoint}: {TrainTests.Hash(host.Memory.Span(memory, _bufferBytes))}");
                }
            }
        }
    }

    private async Task DriveAsync(Host host, Bus bus, ulong memory, int endpoint, List<string> seen)
    {
        var dice = host.Random;
        var vectors = await bus.EnableMsiXAsync(endpoint, 1);
        for (var step = 0; step < 3; step++)
        {
            await host.DelayAsync(new SimTime(dice.Next(dice.Next(2) == 0 ? 1_000 : 100_000_000)));
            var at = (ulong)dice.Next(4096) & ~(dice.Next(2) == 0 ? 63ul : 0);
            switch (dice.Next(7))
            {
                case 0:
                    var block = new byte[1 + dice.Next(_mostBytes)];
                    dice.Fill(block);
                    await host.WriteAsync(bus.Bar(endpoint, 2) + at, block);
                    seen.Add($"{host.Now} wrote {block.Length}");
                    var check = new byte[1 + dice.Next(300)];
                    await host.ReadAsync(bus.Bar(endpoint, 2) + at, check);
                    seen.Add($"{host.Now} read {TrainTests.Hash(check.AsSpan(0, check.Length & ~7))}");
                    break;
                case 2:
                    var read = new byte[1 + dice.Next(_mostBytes)];
                    await host.ReadAsync(bus.Bar(endpoint, 2) + at, read);
                    seen.Add($"{host.Now} read {read.Length}: {TrainTests.Hash(read)}");
                    break;
                case 1 when dice.Next(4) == 0:
                    await ResetAsync(host, bus, endpoint, memory);
                    return;
                default:
                    var toPeer = dice.Next(3) == 0;
                    var target = toPeer ? bus.Bar(dice.Next(bus.Endpoints.Count), 2) : memory;
                    await StartAsync(host, bus, endpoint, target + at, 1 + dice.Next(toPeer ? _mostBytes : _bufferBytes - 4096), reads: dice.Next(2) == 0);
                    if (dice.Next(3) == 0) seen.Add($"{host.Now} register {await host.Read32Async(bus.Bar(endpoint, 0) + 0x40)}");
                    await vectors[0].WaitAsync();
                    seen.Add($"{host.Now} interrupt of {endpoint}");
                    break;
            }
        }
    }

    private static async Task StartAsync(Host host, Bus bus, int endpoint, ulong target, int bytes, bool reads)
    {
        await host.Write64Async(bus.Bar(endpoint, 0) + Doorbell + 8, target);
        await host.Write32Async(bus.Bar(endpoint, 0) + Doorbell, (uint)bytes | (reads ? Reads : 0));
    }

    /// <summary>What the processor finds in memory while DMA goes on.</summary>
    private async Task WatchAsync(Host host, ulong memory, List<string> seen)
    {
        var looks = host.Random.Next(8);
        for (var i = 0; i < looks; i++)
        {
            await host.DelayAsync(new SimTime(host.Random.Next(40_000_000) * (long)scale));
            seen.Add($"{host.Now} memory {TrainTests.Hash(host.Memory.Span(memory, _bufferBytes))}");
        }
    }

    private static async Task ResetAsync(Host host, Bus bus, int endpoint, ulong memory)
    {
        await StartAsync(host, bus, endpoint, memory, 100_000, reads: host.Random.Next(2) == 0);
        await host.DelayAsync(new SimTime(host.Random.Next(10_000_000)));
        var function = bus.Endpoints[endpoint];
        var express = function.FindCapability(0x10)!.Value;
        var control = await bus.Config.ReadAsync(function.Bdf, express + 8);
        await bus.Config.WriteAsync(function.Bdf, express + 8, control | 0x8000, 0b0011);
        await host.DelayAsync(SimTime.FromMicroseconds(1));
    }

    /// <summary>A probe's part: low register the bytes to write to the address in the other two, or to read from there; in the end interrupt 0.</summary>
    public static void Program(Probe probe, List<string> seen)
    {
        ulong address = 0;
        probe.Doorbell = async (offset, value) =>
        {
            if (offset == Doorbell + 8) address = address & ~0xFFFF_FFFFul | value;
            if (offset == Doorbell + 12) address = address & 0xFFFF_FFFFul | (ulong)value << 32;
            if (offset != Doorbell) return;
            var reads = (value & Reads) != 0;
            var buffer = new byte[value & ~Reads];
            probe.Dice.Fill(buffer);
            var result = reads ? await probe.Read(address, buffer) : await probe.Write(address, buffer);
            seen.Add($"{probe.Time} DMA {(reads ? "read" : "write")} of {buffer.Length} bytes: {result.IsSuccess} {TrainTests.Hash(buffer)}");
            probe.Interrupt(0);
        };
    }
}
