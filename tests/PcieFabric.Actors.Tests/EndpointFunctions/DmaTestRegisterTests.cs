using PcieFabric.Documents;
using PcieFabric.EndpointFunctions;
using PcieFabric.RootComplexes;
using PcieFabric.RootComplexes.Enumeration;
using PcieFabric.Topologies.Building;
using PcieFabric.Topologies.Reading;

namespace PcieFabric.Actors.Tests.EndpointFunctions;

/// <summary>The registers of a DMA test are the host's to write: whatever they ask for, the function goes on.</summary>
public sealed class DmaTestRegisterTests
{
    private const ulong BarBytes = 1 << 20;

    /// <summary>More bytes, operations or buffers than there are; operations that move nothing, and so would never take time.</summary>
    [Theory]
    [InlineData("{ functions: [dma] }", 0xFFFF_FFFF, 1, 1)]
    [InlineData("{ functions: [dma] }", 0x4000_0000, 4, 4)]
    [InlineData("{ functions: [dma] }", 4, 0xFFFF_FFFF, 1)]
    [InlineData("{ functions: [dma] }", 4, 1_000_000, 0xFFFF_FFFF)]
    [InlineData("{ functions: [dma] }", 0, 900_000_000, 1)]
    [InlineData("{ controller: qemu-epc, functions: [dma] }", 0xFFFF_FFFF, 1, 1)]
    [InlineData("{ controller: qemu-epc, functions: [dma] }", 0x0800_0000, 4, 1)]
    [InlineData("{ controller: qemu-epc, functions: [dma] }", 4, 1_000_000, 0xFFFF_FFFF)]
    [InlineData("{ controller: qemu-epc, functions: [dma] }", 0, 900_000_000, 1)]
    public void WhatCannotBeDoneFailsAsAWholeAndTheNextRunWorks(string card, uint bytes, uint operations, uint underWay)
    {
        var answers = new List<(uint Status, uint Failed)>();
        Run(card, async (host, registers, buffer) =>
        {
            answers.Add(await PerformAsync(host, registers, buffer, bytes, operations, underWay));
            answers.Add(await PerformAsync(host, registers, buffer, 64, 4, 2));
        });
        Assert.Equal([(DmaTest.Done, operations), (DmaTest.Done, 0u)], answers);
    }

    [Theory]
    [InlineData("{ functions: [dma] }")]
    [InlineData("{ controller: qemu-epc, functions: [dma] }")]
    public void AResetEndsARunThatWouldGoOnForYears(string card)
    {
        var answers = new List<(uint Status, uint Failed)>();
        Run(card, async (host, registers, buffer) =>
        {
            await StartAsync(host, registers, buffer, 64, 900_000_000, 1);
            await host.DelayAsync(SimTime.FromMicroseconds(100));
            var tree = await EnumerateAsync(host);
            var function = tree.RootBus[0].Children[0];
            var control = function.FindCapability(0x10)!.Value + 8;
            await host.Configuration[0].WriteAsync(function.Bdf, control, 0x8000, 0b0011);
            await host.DelayAsync(SimTime.FromMilliseconds(1));
            await EnumerateAsync(host);
            answers.Add(await PerformAsync(host, registers, buffer, 64, 4, 2));
        });
        Assert.Equal([(DmaTest.Done, 0u)], answers);
    }

    private static void Run(string card, Func<Host, ulong, ulong, Task> program)
    {
        using var fabric = FabricBuilder.Build(TopologyReader.Read(new SourceText("test.yaml", $$"""
            name: dma
            functions:
              dma: { model: dma-test, vendor: 0x1d0f, device: 1, bars: [{ index: 0, size: 1 MiB, type: memory32 }] }
            endpoints:
              card: {{card}}
            hosts:
              host0: { memory: 16 MiB, ports: [{ attach: card }] }
            """)));
        var root = fabric.Hosts["host0"];
        root.Run(async host =>
        {
            await host.DelayAsync(SimTime.FromMilliseconds(30));
            var tree = await EnumerateAsync(host);
            await program(host, tree.RootBus[0].Children[0].FindBar(0)!.Range.Base + BarBytes - DmaTest.RegisterBytes, host.Memory.Allocate(4096, 4096));
        });
        fabric.RunUntil(() => root.SoftwareFinished, SimTime.FromMilliseconds(100));
        Assert.Empty(fabric.Engine.Stopped);
        Assert.True(root.SoftwareFinished);
    }

    private static async Task<EnumeratedHierarchy> EnumerateAsync(Host host)
    {
        var own = host.Hierarchies[0];
        return await new Enumerator(host.Configuration[0], new EnumeratorOptions { Memory = own.Memory, PrefetchableMemory = own.Prefetchable, Io = own.Io }).RunAsync();
    }

    private static async Task StartAsync(Host host, ulong registers, ulong buffer, uint bytes, uint operations, uint underWay)
    {
        await host.Write64Async(registers + DmaTest.WriteAddress, buffer);
        await host.Write32Async(registers + DmaTest.OperationBytes, bytes);
        await host.Write32Async(registers + DmaTest.Operations, operations);
        await host.Write32Async(registers + DmaTest.UnderWay, underWay);
        await host.Write32Async(registers + DmaTest.Control, DmaTest.WriteBit | DmaTest.StartBit);
    }

    private static async Task<(uint Status, uint Failed)> PerformAsync(Host host, ulong registers, ulong buffer, uint bytes, uint operations, uint underWay)
    {
        await StartAsync(host, registers, buffer, bytes, operations, underWay);
        await host.DelayAsync(SimTime.FromMilliseconds(2));
        return (await host.Read32Async(registers + DmaTest.Status), await host.Read32Async(registers + DmaTest.Failed));
    }
}
