using PcieFabric.Actors.Tests.Fabrics;
using PcieFabric.Engine;
using PcieFabric.RootComplexes;

namespace PcieFabric.Actors.Tests.Determinism;

/// <summary>Host software that draws what it does from the host's own generator: accesses, DMA, peer-to-peer, interrupts, resets.</summary>
internal static class RandomSoftware
{
    private const ulong Doorbell = 0x20;

    public static async Task RunAsync(Host host)
    {
        var running = new List<Task>();
        for (var hierarchy = 0; hierarchy < host.Hierarchies.Count; hierarchy++)
        {
            var bus = await Bus.EnumerateAsync(host, hierarchy: hierarchy);
            var targets = new Targets(bus, host.Memory.Allocate(65536));
            for (var i = 0; i < bus.Endpoints.Count && i < 12; i++) running.Add(DriveAsync(host, bus, targets, i));
        }
        await Task.WhenAll(running);
    }

    /// <summary>Where a function's DMA may go: host memory, and the memory BARs of the hierarchy.</summary>
    private sealed record Targets(Bus Bus, ulong HostMemory)
    {
        public ulong Draw(DeterministicRandom dice)
        {
            var peer = dice.Next(2 * Bus.Endpoints.Count);
            var start = peer < Bus.Endpoints.Count ? Bus.Bar(peer, 2) : HostMemory;
            return start + (ulong)dice.Next(32768);
        }
    }

    private static async Task DriveAsync(Host host, Bus bus, Targets targets, int endpoint)
    {
        var dice = host.Random;
        var vectors = dice.Next(2) == 0 ? await bus.EnableMsiXAsync(endpoint, 2) : await bus.EnableMsiAsync(endpoint, 1);
        for (var step = 0; step < 3; step++)
        {
            await host.DelayAsync(new SimTime(dice.Next(1_000_000)));
            var buffer = new byte[1 + dice.Next(1500)];
            switch (dice.Next(8))
            {
                case 0:
                    dice.Fill(buffer);
                    await host.WriteAsync(bus.Bar(endpoint, 2) + (ulong)dice.Next(4000), buffer);
                    break;
                case 1:
                    await host.ReadAsync(bus.Bar(endpoint, 2) + (ulong)dice.Next(4000), buffer);
                    break;
                case 2:
                    await host.Read32Async(bus.Bar(endpoint, 0) + 4 * (ulong)dice.Next(16));
                    break;
                case 3 when dice.Next(3) == 0:
                    await ResetAsync(host, bus, endpoint);
                    return;
                default:
                    var address = targets.Draw(dice);
                    await host.Write64Async(bus.Bar(endpoint, 0) + Doorbell + 8, address);
                    await host.Write32Async(bus.Bar(endpoint, 0) + Doorbell, (uint)(dice.Next(4) << 16 | (1 + dice.Next(3000))));
                    await vectors[0].WaitAsync();
                    break;
            }
        }
    }

    /// <summary>FLR of the function, or a hot reset of all that is below the bridge above it, in the midst of its DMA. It is not used again.</summary>
    private static async Task ResetAsync(Host host, Bus bus, int endpoint)
    {
        var function = bus.Endpoints[endpoint];
        await host.Write64Async(bus.Bar(endpoint, 0) + Doorbell + 8, bus.Bar(endpoint, 2));
        await host.Write32Async(bus.Bar(endpoint, 0) + Doorbell, 0x1_0800);
        var express = function.FindCapability(0x10)!.Value;
        var control = await bus.Config.ReadAsync(function.Bdf, express + 8);
        await bus.Config.WriteAsync(function.Bdf, express + 8, control | 0x8000, 0b0011);
        await host.DelayAsync(SimTime.FromMicroseconds(1));
    }

    /// <summary>A probe's part: low half of the doorbell bytes, high half what to do with them; in the end interrupt 0.</summary>
    public static void Program(Probe probe)
    {
        ulong address = 0;
        probe.Doorbell = async (offset, value) =>
        {
            if (offset == Doorbell + 8) address = address & ~0xFFFF_FFFFul | value;
            if (offset == Doorbell + 12) address = address & 0xFFFF_FFFFul | (ulong)value << 32;
            if (offset != Doorbell) return;
            var buffer = new byte[value & 0xFFFF];
            probe.Dice.Fill(buffer);
            if ((value >> 16 & 1) != 0) await probe.Write(address, buffer);
            if ((value >> 17 & 1) != 0) await probe.Read(address, buffer);
            probe.Line((value & 1) != 0);
            probe.Interrupt(0);
        };
    }
}
