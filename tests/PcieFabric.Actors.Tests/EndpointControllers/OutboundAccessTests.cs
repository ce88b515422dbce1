using System.Buffers.Binary;
using PcieFabric.Actors.Tests.HostDrivers;
using PcieFabric.EndpointControllers;
using PcieFabric.Requests;
using PcieFabric.Units;
using Xunit.Abstractions;

namespace PcieFabric.Actors.Tests.EndpointControllers;

/// <summary>Software reaches the host through windows, and only through them.</summary>
public sealed class OutboundAccessTests(ITestOutputHelper output)
{
    private const ulong HostBuffer = 0x10_0000;

    [Theory]
    [InlineData("qemu-epc")]
    [InlineData("cadence")]
    [InlineData("rk3399")]
    [InlineData("stm32mp25")]
    public void RandomReadsAndWritesGoWhereTheWindowsPoint(string controller)
    {
        var random = TestSeed.Random(output);
        var model = new byte[1 << 18];
        var wrong = new List<string>();
        using var fabric = ScriptFabric.Of(controller, script => script.Epc.WriteHeaderAsync(new ControllerHeader(0x104C, 0xB500, 0xFF0000)).AsTask());
        fabric.Software().Run(async operate =>
        {
            await operate.DelayAsync(SimTime.FromMilliseconds(60));
            var script = fabric.ScriptOf();
            var page = (int)script.Epc.Features.Outbound.PageBytes;
            for (var i = 0; i < 200; i++)
            {
                var size = random.Next(1, 9000);
                var at = random.Next(model.Length - size);
                if (!script.Epc.Features.Outbound.AlignsAddresses) at &= -page;
                var (result, window) = await script.Epc.MapMemoryAsync(HostBuffer + (ulong)at, (ulong)size);
                Assert.True(result.IsSuccess, result.ToString());
                size = (int)window.SizeBytes;
                var data = new byte[size];
                if (random.Next(2) == 0)
                {
                    random.NextBytes(data);
                    data.CopyTo(model, at);
                    await script.StoreAsync(window.LocalAddress, data);
                }
                else
                {
                    var read = await script.LoadAsync(window.LocalAddress, data);
                    if (!read.IsSuccess || !data.AsSpan().SequenceEqual(model.AsSpan(at, size))) wrong.Add($"{size} bytes at 0x{at:x}: {read}");
                }
                await script.Epc.UnmapMemoryAsync(window);
            }
        });
        fabric.Run(async (host, _) => await host.DelayAsync(SimTime.FromMilliseconds(100)));
        Assert.Empty(wrong);
        Assert.True(model.AsSpan().SequenceEqual(fabric.Host.Host.Memory.Span(HostBuffer, model.Length)));
        fabric.AssertNothingLeaks();
    }

    [Fact]
    public void AnAccessOutsideItsWindowFailsAndWritesNothing()
    {
        var results = new List<RequestResult>();
        using var fabric = ScriptFabric.Of("qemu-epc", script => script.Epc.WriteHeaderAsync(new ControllerHeader(0x104C, 0xB500, 0xFF0000)).AsTask());
        fabric.Software().Run(async operate =>
        {
            var script = fabric.ScriptOf();
            await operate.DelayAsync(SimTime.FromMilliseconds(60));
            var window = (await script.Epc.MapAddressAsync(HostBuffer, 4096)).Value;
            foreach (var address in new[] { window, window + 4096, window - 64, 0x1000ul })
            {
                results.Add(await script.LoadAsync(address, new byte[64]));
                await script.StoreAsync(address, new byte[64].Select(_ => (byte)0x55).ToArray());
            }
            await script.Epc.UnmapAddressAsync(window);
            results.Add(await script.LoadAsync(window, new byte[64]));
        });
        fabric.Run(async (host, _) => await host.DelayAsync(SimTime.FromMilliseconds(100)));
        Assert.Equal([true, false, false, false, false], results.Select(result => result.IsSuccess));
        Assert.Equal(64, fabric.Host.Host.Memory.Span(HostBuffer - 65536, 1 << 18).ToArray().Count(value => value == 0x55));
        Assert.Equal(7, fabric.Controller.Activity.OutsideWindows);
        fabric.AssertNothingLeaks();
    }

    [Fact]
    public void AWindowOfOneFunctionIsNoneOfAnother()
    {
        var results = new List<bool>();
        using var fabric = ScriptFabric.Of("qemu-epc", script => script.Epc.WriteHeaderAsync(new ControllerHeader(0x104C, 0xB500, 0xFF0000)).AsTask(), functions: 2);
        fabric.Software().Run(async operate =>
        {
            await operate.DelayAsync(SimTime.FromMilliseconds(60));
            var window = (await operate.Controller.MapAddressAsync(HostBuffer, 4096)).Value;
            results.Add((await fabric.ScriptOf(0).LoadAsync(window, new byte[4])).IsSuccess);
        });
        fabric.Software(1).Run(async operate =>
        {
            await operate.DelayAsync(SimTime.FromMilliseconds(70));
            // The only window there is, and not its own.
            results.Add((await fabric.ScriptOf(1).LoadAsync((1ul << 48) + (HostBuffer & 0xFFF), new byte[4])).IsSuccess);
            results.Add((await operate.Controller.UnmapAddressAsync((1ul << 48) + (HostBuffer & 0xFFF))).IsSuccess);
        });
        fabric.Run(async (host, _) => await host.DelayAsync(SimTime.FromMilliseconds(100)));
        Assert.Equal([true, false, false], results);
    }

    /// <summary>Software that rings by writing: each write is one interrupt, behind the data that it announces.</summary>
    [Fact]
    public void MappedMsiRingsTheHostInOrder()
    {
        var seen = new List<uint>();
        using var fabric = ScriptFabric.Of("qemu-epc", async script =>
        {
            await script.ComposeAsync();
            await script.Epc.SetMsiAsync(4);
        });
        fabric.Software().Run(async operate =>
        {
            var script = fabric.ScriptOf();
            await operate.DelayAsync(SimTime.FromMilliseconds(60));
            var msi = await operate.Controller.MapMsiIrqAsync();
            Assert.True(msi.IsSuccess, msi.ToString());
            var (_, window) = await operate.Controller.MapMemoryAsync(HostBuffer, 4);
            for (var i = 1u; i <= 100; i++)
            {
                var (value, ring) = (new byte[4], new byte[4]);
                BinaryPrimitives.WriteUInt32LittleEndian(value, i);
                BinaryPrimitives.WriteUInt32LittleEndian(ring, (uint)msi.Data + 2);
                await script.StoreAsync(window.LocalAddress, value);
                await script.StoreAsync(msi.Value, ring);
                await operate.DelayAsync(SimTime.FromMicroseconds(10));
            }
            await operate.Controller.UnmapMemoryAsync(window);
            await operate.Controller.UnmapAddressAsync(msi.Value);
        });
        fabric.Run(async (host, hierarchy) =>
        {
            var function = EndpointTestFabric.FunctionOf(hierarchy);
            var at = function.FindCapability(5)!.Value;
            var vectors = host.Interrupts.Allocate(4);
            await host.Configuration[0].WriteAsync(function.Bdf, at + 4, (uint)vectors[0].MessageAddress);
            await host.Configuration[0].WriteAsync(function.Bdf, at + 12, vectors[0].MessageData, 3);
            await host.Configuration[0].WriteAsync(function.Bdf, at, 0x0021_0000, 12);
            for (var i = 1; i <= 100; i++)
            {
                await vectors[2].WaitAsync();
                seen.Add(BinaryPrimitives.ReadUInt32LittleEndian(host.Memory.Span(HostBuffer, 4)));
            }
        });
        Assert.Equal(Enumerable.Range(1, 100).Select(i => (uint)i), seen);
    }
}
