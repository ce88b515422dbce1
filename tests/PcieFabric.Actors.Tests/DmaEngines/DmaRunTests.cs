using PcieFabric.Actors.Tests.EndpointControllers;
using PcieFabric.Actors.Tests.HostDrivers;
using PcieFabric.EndpointControllers;
using PcieFabric.EndpointControllers.Profiles;
using PcieFabric.Journals;
using PcieFabric.Recording;
using PcieFabric.RootComplexes;
using PcieFabric.RootComplexes.Enumeration;
using PcieFabric.Units;
using Xunit.Abstractions;

namespace PcieFabric.Actors.Tests.DmaEngines;

/// <summary>What a whole run with DMA comes to: how fast, repeatable, and under faults of the link and of functions.</summary>
public sealed class DmaRunTests(ITestOutputHelper output)
{
    private const ulong HostBuffer = 0x20_0000;

    /// <summary>
    /// Generation 3 by four lanes carries 3.94 GB/s, less headers. A processor waits for the last answer of each copy before it begins the next; its posted writes wait for nothing, so that
    /// they fill the link as those of an engine do.
    /// </summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void LargeTransfersFillTheLinkAndReadFasterThanTheProcessorDoes(bool write)
    {
        const int size = 4 << 20;
        const double link = 3.94;
        var (dma, processor) = (0.0, 0.0);
        using var fabric = ScriptFabric.Of("rk3588", ComposeAsync);
        fabric.Software().Run(async operate =>
        {
            var script = fabric.ScriptOf();
            await script.SleepAsync(150);
            operate.Memory.TryAllocate(size, 4096, out var local);
            var start = operate.Now;
            var direction = write ? DmaDirection.MemoryToDevice : DmaDirection.DeviceToMemory;
            Assert.True((await operate.Controller.TransferAsync(direction, write ? local : HostBuffer, write ? HostBuffer : local, size)).IsSuccess);
            dma = size * 1000.0 / (operate.Now - start).Picoseconds;
            start = operate.Now;
            for (var at = 0; at < size; at += 4096)
            {
                var (_, window) = await operate.Controller.MapMemoryAsync(HostBuffer + (ulong)at, 4096);
                var bytes = operate.Memory.Bytes(local + (ulong)at, 4096);
                if (write) await script.StoreAsync(window.LocalAddress, bytes);
                else await script.LoadAsync(window.LocalAddress, bytes);
                await operate.Controller.UnmapMemoryAsync(window);
            }
            processor = size * 1000.0 / (operate.Now - start).Picoseconds;
        });
        fabric.Run(async (host, _) => await host.DelayAsync(SimTime.FromMilliseconds(200)));
        output.WriteLine($"{(write ? "write" : "read")}: DMA {dma:f2} GB/s, processor {processor:f2} GB/s");
        Assert.InRange(dma, 0.75 * link, link);
        Assert.True(write ? dma > 0.99 * processor : dma > 1.25 * processor, $"DMA {dma:f2} GB/s, processor {processor:f2} GB/s");
        fabric.AssertNothingLeaks();
    }

    [Theory]
    [InlineData("rk3588")]
    [InlineData("qemu-epc")]
    public void ARunWithDmaReplaysAsItWasRecorded(string controller)
    {
        using var stream = new MemoryStream();
        using (var run = Build(controller))
        {
            using var recorder = JournalRecorder.Create(stream, run.Fabric.Engine);
            run.Execute();
            recorder.Finish();
        }
        var result = JournalReplay.Run(new JournalReader(new MemoryStream(stream.ToArray()), "dma"), new ReplayOptions { Rebuild = _ => Build(controller) });
        Assert.Null(result.Divergence);
        Assert.True(result.Messages > 1000, $"{result.Messages} messages");
    }

    /// <summary>Whenever the function is reset or loses its mastery, or the link goes down: the transfer ends, by name, and the next one works.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void TransfersThatAResetOrADeadLinkInterruptsEndAndTheNextOnesWork(bool write)
    {
        const int rounds = 40, size = 2 << 20;
        var random = TestSeed.Random(output);
        var (interrupted, outcomes) = (0, new List<bool>());
        using var fabric = ScriptFabric.Of("tegra194", ComposeAsync);
        var (going, local) = (0, 0ul);
        fabric.Software().Run(async operate =>
        {
            await operate.DelayAsync(SimTime.FromMilliseconds(100));
            operate.Memory.TryAllocate(size, 4096, out local);
            for (var i = 0; i < rounds; i++)
            {
                await operate.DelayAsync(SimTime.FromMilliseconds(100 * (i + 2)) - operate.Now);
                going++;
                if (!(await TransferAsync(operate.Controller, size)).IsSuccess) interrupted++;
                going--;
                await operate.DelayAsync(SimTime.FromMilliseconds(100 * (i + 2) + 90) - operate.Now);
                outcomes.Add((await TransferAsync(operate.Controller, 5000)).IsSuccess);
            }
        });
        fabric.Run(async (host, hierarchy) =>
        {
            for (var i = 0; i < rounds; i++)
            {
                var (port, function) = (hierarchy.RootBus[0], EndpointTestFabric.FunctionOf(hierarchy));
                await host.DelayAsync(SimTime.FromMilliseconds(100 * (i + 2)) + new SimTime(random.NextInt64(1, 400_000_000)) - host.Now);
                await InflictAsync(host, random.Next(3), port, function);
                await host.DelayAsync(SimTime.FromMilliseconds(100 * (i + 2) + 70) - host.Now);
                hierarchy = await EndpointTestFabric.EnumerateAsync(host);
            }
            await host.DelayAsync(SimTime.FromMilliseconds(100));
        });
        output.WriteLine($"{interrupted} of {rounds} transfers were interrupted");
        Assert.Equal(0, going);
        Assert.Equal(Enumerable.Repeat(true, rounds), outcomes);
        Assert.InRange(interrupted, rounds / 2, rounds);
        fabric.AssertNothingLeaks();

        ValueTask<ControllerResult> TransferAsync(BoundController controller, ulong bytes) => write
            ? controller.TransferAsync(DmaDirection.MemoryToDevice, local, HostBuffer, bytes)
            : controller.TransferAsync(DmaDirection.DeviceToMemory, HostBuffer, local, bytes);
    }

    private static async Task InflictAsync(Host host, int fault, EnumeratedFunction port, EnumeratedFunction function)
    {
        const int bridgeControl = 0x3C, secondaryBusReset = 22, deviceControl = 8, functionLevelReset = 15, linkControl = 0x10, linkDisable = 4;
        if (fault == 0)
        {
            await host.SetAsync(function.Bdf, function.ExpressOf() + deviceControl, functionLevelReset, true);
            return;
        }
        var (dword, bit) = fault == 1 ? (bridgeControl, secondaryBusReset) : (port.ExpressOf() + linkControl, linkDisable);
        await host.SetAsync(port.Bdf, dword, bit, true);
        await host.DelayAsync(SimTime.FromMilliseconds(2));
        await host.SetAsync(port.Bdf, dword, bit, false);
    }

    private static FabricRun Build(string controller)
    {
        var fabric = ScriptFabric.Of(controller, ComposeAsync);
        fabric.Software().Run(async operate =>
        {
            await operate.DelayAsync(SimTime.FromMilliseconds(40));
            operate.Memory.TryAllocate(65536, 4096, out var local);
            var (_, window) = await operate.Controller.MapMemoryAsync(HostBuffer, 60_000);
            var isEmbedded = operate.Controller.Features.Dma.Kind == DmaKind.Embedded;
            await operate.Controller.TransferAsync(isEmbedded ? DmaDirection.DeviceToMemory : DmaDirection.MemoryToMemory, isEmbedded ? HostBuffer : window.LocalAddress, local, 60_000);
            await operate.Controller.TransferAsync(isEmbedded ? DmaDirection.MemoryToDevice : DmaDirection.MemoryToMemory, local, isEmbedded ? HostBuffer : window.LocalAddress, 33_333);
            await operate.Controller.UnmapMemoryAsync(window);
        });
        fabric.Host.Run(async host =>
        {
            await host.DelayAsync(SimTime.FromMilliseconds(30));
            await EndpointTestFabric.EnumerateAsync(host);
        });
        return new FabricRun(fabric.Fabric, () => fabric.Fabric.Engine.Run(until: SimTime.FromMilliseconds(60)));
    }

    private static async Task ComposeAsync(Script script) => Assert.True((await script.Epc.WriteHeaderAsync(new ControllerHeader(0x104C, 0xB500, 0xFF0000))).IsSuccess);
}
