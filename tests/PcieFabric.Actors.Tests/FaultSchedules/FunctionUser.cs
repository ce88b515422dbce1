using PcieFabric.EndpointControllers;
using PcieFabric.EndpointFunctions;
using PcieFabric.HostDrivers;
using PcieFabric.RootComplexes;
using PcieFabric.RootComplexes.Enumeration;

namespace PcieFabric.Actors.Tests.FaultSchedules;

/// <summary>The host's driver of one function, of whichever kind that is: what it does all day, and what must work once all faults are over.</summary>
/// <param name="Operate">Something that the function is for; how it ends is of no concern.</param>
/// <param name="Works">Something that a sound function does; what went wrong, or nothing.</param>
internal sealed record FunctionUser(EnumeratedFunction Function, Func<Random, Task> Operate, Func<Task<string>> Works, Func<Task> Remove)
{
    private const int LargestTransfer = 12_000;

    /// <summary>A command that is not answered is given up sooner than by Linux, so that runs are short.</summary>
    private static readonly SimTime CommandTimeout = SimTime.FromMilliseconds(2);

    /// <param name="targets">Addresses for DMA: of memory, and of peers.</param>
    /// <returns>Null for what has no driver, or is not in a state to have one.</returns>
    public static async Task<FunctionUser?> ProbeAsync(Host host, EnumeratedFunction function, IReadOnlyList<ulong> targets)
    {
        if (function.Identity.VendorId != DrawnTopology.Vendor) return await ProbeTestAsync(host, function);
        return function.Identity.DeviceId switch
        {
            DrawnTopology.Bells => await ProbeBellsAsync(host, function),
            DrawnTopology.Bridge => await ProbeBridgeAsync(host, function),
            DrawnTopology.BoundDma or DrawnTopology.Dma or DrawnTopology.StoreVirtual => UseDma(host, function, targets),
            DrawnTopology.Rogue => UseRogue(host, function, targets),
            _ => null,
        };
    }

    private static async Task<FunctionUser?> ProbeTestAsync(Host host, EnumeratedFunction function)
    {
        if (await PciEndpointTest.ProbeAsync(host, 0, function) is not { } driver) return null;
        await driver.SetIrqTypeAsync(null);
        return new FunctionUser(function, OperateAsync, WorksAsync, async () => await driver.RemoveAsync());

        async Task OperateAsync(Random random)
        {
            var (size, dma) = (random.Next(1, LargestTransfer), random.Next(2) == 0);
            _ = random.Next(8) switch
            {
                0 or 1 => await driver.WriteAsync(size, dma),
                2 or 3 => await driver.ReadAsync(size, dma),
                4 => await driver.CopyAsync(size, dma),
                5 => await driver.DoorbellAsync(),
                6 => await driver.BarSubrangeAsync(random.Next(6)),
                _ => await driver.MsiAsync(1, msiX: driver.IrqType == InterruptType.MsiX),
            };
        }

        async Task<string> WorksAsync()
        {
            var (write, read) = (await driver.WriteAsync(5000, dma: false), await driver.ReadAsync(5000, dma: false));
            return write.IsSuccess && read.IsSuccess ? "" : $"write {write}, read {read}, {driver.IrqType}";
        }
    }

    private static async Task<FunctionUser?> ProbeBellsAsync(Host host, EnumeratedFunction function)
    {
        if (await EpfDoorbellDriver.ProbeAsync(host, function) is not { } driver) return null;
        return new FunctionUser(function, OperateAsync, WorksAsync, () => Task.CompletedTask);

        async Task OperateAsync(Random random)
        {
            if (random.Next(4) == 0) await driver.AskForAnswersAsync(0);
            for (var i = random.Next(1, 30); i > 0; i--) await driver.RingAsync(random.Next(driver.Count));
            await driver.ReadTotalAsync();
        }

        async Task<string> WorksAsync()
        {
            var before = await driver.ReadTotalAsync();
            await driver.RingAsync(0);
            await host.DelayAsync(SimTime.FromMicroseconds(300));
            var after = await driver.ReadTotalAsync();
            return after > before ? "" : $"rang {driver.Kind}, and heard {before} then {after}";
        }
    }

    private static async Task<FunctionUser?> ProbeBridgeAsync(Host host, EnumeratedFunction function)
    {
        if (await NtbEpfDriver.ProbeAsync(host, 0, function, commandTimeout: CommandTimeout) is not { } driver) return null;
        var own = host.Memory.Allocate(driver.Window(0).SizeBytes, 4096);
        return new FunctionUser(function, OperateAsync, WorksAsync, async () => await driver.RemoveAsync());

        async Task OperateAsync(Random random)
        {
            _ = random.Next(6) switch
            {
                0 => await driver.SetTranslationAsync(0, own, driver.Window(0).SizeBytes),
                1 => await driver.EnableLinkAsync(),
                2 => await driver.WritePeerAsync(0, (ulong)random.Next(1000), new byte[random.Next(4000)]),
                3 => await driver.ReadPeerAsync(0, (ulong)random.Next(1000), new byte[random.Next(2000)]),
                4 => await driver.RingPeerAsync(driver.OwnDoorbells.ValidMask & random.NextDword()),
                _ => random.Next(3) == 0 ? await driver.DisableLinkAsync() : await driver.WritePeerScratchpadAsync(random.Next(4), random.NextDword()),
            };
        }

        async Task<string> WorksAsync()
        {
            var answers = (await driver.SetTranslationAsync(0, own, driver.Window(0).SizeBytes), await driver.EnableLinkAsync(), await driver.ClearTranslationAsync(0));
            return answers == (Errno.None, Errno.None, Errno.None) ? "" : answers.ToString();
        }
    }

    private static FunctionUser UseDma(Host host, EnumeratedFunction function, IReadOnlyList<ulong> targets)
    {
        var registers = function.FindBar(0)!.Range.Base + function.FindBar(0)!.Range.Size - DmaTest.RegisterBytes;
        return new FunctionUser(function, OperateAsync, async () => await PerformAsync(targets[0], 1000, 4, DmaTest.WriteBit | DmaTest.ReadBackBit) ? "" : "DMA failed", () => Task.CompletedTask);

        async Task OperateAsync(Random random) =>
            await PerformAsync(targets[random.Next(targets.Count)] + (ulong)random.Next(1000), (uint)random.Next(1, 3000), (uint)random.Next(1, 8), (uint)random.Next(16) << 1);

        async Task<bool> PerformAsync(ulong address, uint bytes, uint operations, uint control)
        {
            await host.Write64Async(registers + DmaTest.WriteAddress, address);
            await host.Write64Async(registers + DmaTest.ReadAddress, address);
            foreach (var (register, value) in new[] { (DmaTest.OperationBytes, bytes), (DmaTest.Operations, operations), (DmaTest.UnderWay, 4u), (DmaTest.Slots, 2u), (DmaTest.Stride, 0u), (DmaTest.Seed, 7u) })
                await host.Write32Async(registers + (ulong)register, value);
            await host.Write32Async(registers + DmaTest.Control, control | DmaTest.StartBit);
            for (var i = 0; i < 100; i++)
            {
                await host.DelayAsync(SimTime.FromMicroseconds(50));
                if (await host.Read32Async(registers + DmaTest.Status) == DmaTest.Done) return await host.Read32Async(registers + DmaTest.Failed) == 0;
            }
            return false;
        }
    }

    private static FunctionUser UseRogue(Host host, EnumeratedFunction function, IReadOnlyList<ulong> targets)
    {
        var registers = function.FindBar(0)!.Range.Base;
        return new FunctionUser(function, random => DoAsync(targets[random.Next(targets.Count)] + (ulong)random.Next(1000), (uint)random.Next(10)), WorksAsync, () => Task.CompletedTask);

        async Task DoAsync(ulong address, uint deed)
        {
            await host.Write64Async(registers + RogueFunction.AddressLow, address);
            await host.Write32Async(registers + RogueFunction.Command, deed);
            await host.Read32Async(registers);
        }

        async Task<string> WorksAsync()
        {
            var before = await host.Read32Async(registers);
            await DoAsync(targets[0], 1);
            await host.DelayAsync(SimTime.FromMicroseconds(300));
            var after = await host.Read32Async(registers);
            return after == before + 1 ? "" : $"{before} deeds, then {after}";
        }
    }
}
