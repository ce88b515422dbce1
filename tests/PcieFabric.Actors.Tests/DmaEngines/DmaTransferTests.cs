using PcieFabric.Actors.Tests.EndpointControllers;
using PcieFabric.Actors.Tests.HostDrivers;
using PcieFabric.DmaEngines;
using PcieFabric.EndpointControllers;
using PcieFabric.EndpointControllers.Profiles;
using PcieFabric.HostDrivers;
using PcieFabric.LocalDevices;
using PcieFabric.Units;
using Xunit.Abstractions;

namespace PcieFabric.Actors.Tests.DmaEngines;

/// <summary>DMA engines beside controllers of a whole fabric: programmed by software of the endpoint and by the host.</summary>
public sealed class DmaTransferTests(ITestOutputHelper output)
{
    private const ulong HostBuffer = 0x20_0000;
    private const string ManyChannels = "controllers: { many: { host-id: { vendor: 0x104c, device: 0xb500 }, interrupts: {}, functions: 8, inbound: { windows: 8 }, outbound: { windows: 8, page: 64 KiB, aligns-addresses: true }, dma: { kind: edma, write-channels: 8, read-channels: 8 }, bars: [programmable, disabled, disabled, disabled, disabled, disabled] } }";

    [Theory]
    [InlineData("rk3588", 1)]
    [InlineData("tegra194", 1)]
    [InlineData("many", 1)]
    [InlineData("many", 8)]
    public void RandomTransfersOfAllFunctionsAtOnceMoveWhatAModelMoves(string controller, int functions)
    {
        const int room = 1 << 18, each = 40;
        var random = TestSeed.Random(output);
        var model = new byte[functions * room];
        var errors = new List<string>();
        using var fabric = ScriptFabric.Of(controller, ComposeAsync, extra: ManyChannels, functions: functions);
        for (var function = 0; function < functions; function++)
        {
            var (script, start) = (fabric.ScriptOf(function), function * room);
            fabric.Software(function).Run(async operate =>
            {
                await script.SleepAsync(150);
                Assert.True(operate.Memory.TryAllocate(room, 4096, out var local));
                for (var i = 0; i < each; i++)
                {
                    var size = random.Next(1, random.Next(2) == 0 ? 100 : 60_000);
                    var (at, place) = (start + random.Next(room - size), local + (ulong)random.Next(room - size));
                    var host = HostBuffer + (ulong)at;
                    var write = random.Next(2) == 0;
                    if (write)
                    {
                        random.NextBytes(operate.Memory.Span(place, size));
                        operate.Memory.Span(place, size).CopyTo(model.AsSpan(at));
                    }
                    var result = await operate.Controller.TransferAsync(write ? DmaDirection.MemoryToDevice : DmaDirection.DeviceToMemory, write ? place : host, write ? host : place, (ulong)size);
                    if (!result.IsSuccess) errors.Add(result.ToString());
                    else if (!operate.Memory.Span(place, size).SequenceEqual(model.AsSpan(at, size))) errors.Add($"{size} bytes at 0x{at:x}");
                }
            });
        }
        fabric.Run(async (host, _) => await host.DelayAsync(SimTime.FromMilliseconds(200)));
        Assert.Empty(errors);
        Assert.True(model.AsSpan().SequenceEqual(fabric.Host.Host.Memory.Span(HostBuffer, model.Length)));
        var engine = (EmbeddedDma)Assert.Single(fabric.Fabric.DmaEngines.Values);
        Assert.Equal(functions * each, engine.Counters.Done);
        fabric.AssertNothingLeaks();
    }

    [Fact]
    public void AListOfTheEndpointsOwnSoftwareIsToldToItAlone()
    {
        const int pieces = 100;
        var (result, status) = (DmaError.Stopped, EmbeddedDmaStatus.Idle);
        using var fabric = ScriptFabric.Of("rk3588", ComposeAsync);
        fabric.Software().Run(async operate =>
        {
            await fabric.ScriptOf().SleepAsync(150);
            operate.Memory.TryAllocate(pieces * 64, 64, out var data);
            operate.Memory.TryAllocate((pieces + 1) * LinkedListElement.Bytes, 64, out var list);
            new Random(7).NextBytes(operate.Memory.Span(data, pieces * 64));
            var channel = await fabric.Software().EmbeddedDma!.TakeAsync(write: true);
            for (var i = 0; i < pieces; i++)
            {
                var at = (ulong)(i * 64);
                // In the host's memory the pieces are the other way round.
                LinkedListElement.Data(64, data + at, HostBuffer + (ulong)(pieces - 1 - i) * 64, cycle: true, i == pieces - 1 ? channel.Interrupts : 0)
                    .Write(operate.Memory.Span(list + (ulong)(i * LinkedListElement.Bytes), LinkedListElement.Bytes));
            }
            await channel.StartAsync(list);
            result = await channel.WaitAsync();
            status = await channel.StatusAsync();
            for (var i = 0; i < pieces; i++)
                Assert.True(operate.Memory.Span(data + (ulong)(i * 64), 64).SequenceEqual(fabric.Host.Host.Memory.Span(HostBuffer + (ulong)(pieces - 1 - i) * 64, 64)));
            fabric.Software().EmbeddedDma!.Release(channel);
        });
        fabric.Run(async (host, _) => await host.DelayAsync(SimTime.FromMilliseconds(200)));
        Assert.Equal((DmaError.None, EmbeddedDmaStatus.Stopped), (result, status));
        Assert.Equal(0, fabric.Host.Host.Interrupts.Spurious);
        fabric.AssertNothingLeaks();
    }

    /// <summary>As dw-edma-pcie does: the registers through the reserved BAR, the list in memory that another BAR shows or in the host's own, the end by a message.</summary>
    [Theory]
    [InlineData("rk3588", false)]
    [InlineData("rk3588", true)]
    [InlineData("tegra194", false)]
    [InlineData("tegra194", true)]
    public void TheHostProgramsTheEngineThroughTheReservedBar(string controller, bool listInHost)
    {
        const int size = 30_000, pieces = 10;
        var timeout = SimTime.FromMilliseconds(10);
        var (local, listWindow) = (0ul, 0ul);
        var results = new List<DmaError>();
        using var fabric = ScriptFabric.Of(controller, async script => local = await ComposeAsync(script));
        fabric.Software().Run(async operate =>
        {
            await fabric.ScriptOf().SleepAsync(150);
            if (listInHost) listWindow = (await operate.Controller.MapMemoryAsync(HostBuffer + 0x10_0000, 4096)).Mapping.LocalAddress;
        });
        fabric.Run(async (host, tree) =>
        {
            var function = EndpointTestFabric.FunctionOf(tree);
            await host.DelayAsync(SimTime.FromMilliseconds(200));
            var memory = function.FindBar(0)!.Range.Base;
            Assert.Null(await EmbeddedDmaHost.ProbeAsync(host, function, 0));
            var dma = (await EmbeddedDmaHost.ProbeAsync(host, function, bar: 4))!;
            Assert.Equal(fabric.Controller.Profile.Dma, new DmaProfile(DmaKind.Embedded, dma.Driver.WriteChannels, dma.Driver.ReadChannels));
            host.Random.Fill(host.Memory.Span(HostBuffer, size));
            // To the endpoint in one transfer, back in a list.
            results.Add(await dma.TransferAsync(write: false, HostBuffer, local + 0x2_0000, size, timeout));
            var (listAt, listBus) = listInHost ? (listWindow, HostBuffer + 0x10_0000) : (local + 0x1000, memory + 0x1000);
            await dma.WriteListAsync(listBus,
            [
                .. Enumerable.Range(0, pieces).Select(i => LinkedListElement.Data(size / pieces, local + 0x2_0000 + (ulong)(i * size / pieces), HostBuffer + 0x8_0000 + (ulong)(i * size / pieces), cycle: true,
                    i == pieces - 1 ? EmbeddedDmaControl.LocalInterrupt | EmbeddedDmaControl.RemoteInterrupt : 0)),
                LinkedListElement.Link(listAt, cycle: false, toggles: true),
            ]);
            results.Add(await dma.RunListAsync(write: true, listAt, timeout));
            Assert.True(host.Memory.Span(HostBuffer, size).SequenceEqual(host.Memory.Span(HostBuffer + 0x8_0000, size)));
            // And what cannot be: nobody at the bus address, nothing at the local one, a list in no window.
            results.Add(await dma.TransferAsync(write: false, 0x7000_0000_0000, local, 64, timeout));
            results.Add(await dma.TransferAsync(write: true, 1ul << 45, HostBuffer, 64, timeout));
            results.Add(await dma.RunListAsync(write: true, (1ul << 48) + 0x4000_0000_0000, timeout));
            results.Add(await dma.TransferAsync(write: false, HostBuffer, local, 64, timeout));
        });
        Assert.Equal([DmaError.None, DmaError.None, DmaError.UnsupportedRequest, DmaError.LocalAddress, DmaError.ListFetch, DmaError.None], results);
        if (listInHost) Assert.Equal(1, fabric.Controller.OutboundWindowsInUse);
        else fabric.AssertNothingLeaks();
    }

    [Theory]
    [InlineData("rk3588")]
    [InlineData("tegra194")]
    public void AHostRingsTheEmbeddedDoorbellThroughTheReservedBar(string controller)
    {
        var rings = 0;
        using var fabric = ScriptFabric.Of(controller, ComposeAsync);
        fabric.Software().EmbeddedDma!.Emulated = () => rings++;
        fabric.Run(async (host, tree) =>
        {
            var registers = EndpointTestFabric.FunctionOf(tree).FindBar(4)!.Range.Base;
            for (var i = 0; i < 20; i++)
            {
                await host.Write32Async(registers + EmbeddedDmaRegisters.Read.InterruptStatus, (uint)i);
                await host.DelayAsync(SimTime.FromMicroseconds(10));
            }
        });
        Assert.Equal(20, rings);
        Assert.Equal(0, ((EmbeddedDma)fabric.Fabric.DmaEngines.Values.Single()).Counters.Done);
        fabric.AssertNothingLeaks();
    }

    [Fact]
    public void AMemoryCopyGoesBetweenMemoryAndWindowsInAnyDirection()
    {
        const int size = 50_000;
        var results = new List<ControllerRule>();
        using var fabric = ScriptFabric.Of("qemu-epc", ComposeAsync);
        fabric.Software().Run(async operate =>
        {
            var epc = operate.Controller;
            await fabric.ScriptOf().SleepAsync(150);
            operate.Memory.TryAllocate(2 * size, 4096, out var local);
            new Random(3).NextBytes(operate.Memory.Span(local, size));
            var (_, one) = await epc.MapMemoryAsync(HostBuffer, size);
            var (_, two) = await epc.MapMemoryAsync(HostBuffer + 0x10_0001, size);
            // All at once: they wait for each other.
            var copies = new[] { (local, one.LocalAddress), (one.LocalAddress, two.LocalAddress), (two.LocalAddress, local + size), (local, local + 10) }
                .Select(copy => epc.TransferAsync(DmaDirection.MemoryToMemory, copy.Item1, copy.Item2, copy.Item1 == copy.Item2 - 10 ? 10u : size).AsTask()).ToArray();
            foreach (var copy in copies) results.Add((await copy).Rule);
            Assert.True(operate.Memory.Span(local + 20, size - 20).SequenceEqual(operate.Memory.Span(local + size + 20, size - 20)));
            Assert.True(fabric.Host.Host.Memory.Span(HostBuffer, size).SequenceEqual(fabric.Host.Host.Memory.Span(HostBuffer + 0x10_0001, size)));
            results.Add((await epc.TransferAsync(DmaDirection.MemoryToDevice, local, HostBuffer, 64)).Rule);
            await epc.UnmapMemoryAsync(one);
            await epc.UnmapMemoryAsync(two);
            results.Add((await epc.TransferAsync(DmaDirection.MemoryToMemory, local, one.LocalAddress, 64)).Rule);
            results.Add((await epc.TransferAsync(DmaDirection.MemoryToMemory, two.LocalAddress, local, 64)).Rule);
            results.Add((await epc.TransferAsync(DmaDirection.MemoryToMemory, LocalBus.Base, local, 64)).Rule);
            results.Add((await epc.TransferAsync(DmaDirection.MemoryToMemory, local, local + 100, 0)).Rule);
        });
        fabric.Run(async (host, _) => await host.DelayAsync(SimTime.FromMilliseconds(200)));
        var (ok, failed) = (ControllerRule.None, ControllerRule.DmaFailed);
        Assert.Equal([ok, ok, ok, ok, ControllerRule.DmaDirection, failed, failed, failed, ok], results);
        fabric.AssertNothingLeaks();
    }

    [Fact]
    public void WhatAnEngineDoesNotDoIsRefusedByName()
    {
        var rules = new List<ControllerRule>();
        using var fabric = ScriptFabric.Of("rk3588", ComposeAsync);
        fabric.Software().Run(async operate =>
        {
            // Before the host has set Bus Master Enable.
            rules.Add((await operate.Controller.TransferAsync(DmaDirection.MemoryToDevice, 0, HostBuffer, 64)).Rule);
            rules.Add((await operate.Controller.TransferAsync(DmaDirection.DeviceToMemory, HostBuffer, 0, 64)).Rule);
            rules.Add((await operate.Controller.TransferAsync(DmaDirection.MemoryToMemory, 0, 64, 64)).Rule);
            var many = Enumerable.Range(0, Limits.MaxDmaTransfers + 1).Select(_ => operate.Controller.TransferAsync(DmaDirection.DeviceToMemory, HostBuffer, 0, 64).AsTask()).ToArray();
            rules.Add((await many[^1]).Rule);
            foreach (var one in many) await one;
        });
        fabric.RunAlone();
        Assert.Equal([ControllerRule.DmaFailed, ControllerRule.DmaFailed, ControllerRule.DmaDirection, ControllerRule.DmaBusy], rules);

        using var without = ScriptFabric.Of("rk3399", ComposeAsync);
        without.Software().Run(async operate => rules.Add((await operate.Controller.TransferAsync(DmaDirection.MemoryToDevice, 0, HostBuffer, 64)).Rule));
        without.RunAlone();
        Assert.Equal(ControllerRule.NoDma, rules[^1]);
    }

    /// <summary>Header and a BAR 0 of 1 MiB with memory behind it.</summary>
    private static async Task<ulong> ComposeAsync(Script script)
    {
        const ulong size = 1 << 20;
        Assert.True((await script.Epc.WriteHeaderAsync(new ControllerHeader(0x104C, 0xB500, 0xFF0000))).IsSuccess);
        Assert.True(script.Local.TryAllocate(size, size, out var address));
        var set = await script.Epc.SetBarAsync(new BarSettings(0, address, size, script.Epc.Features.Bars[0].Only64Bit ? BarFlags.Memory64 : BarFlags.None));
        Assert.True(set.IsSuccess, set.ToString());
        return address;
    }
}
