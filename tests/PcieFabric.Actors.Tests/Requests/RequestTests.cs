using System.Buffers.Binary;
using PcieFabric.Actors.Tests.Fabrics;
using PcieFabric.Links;
using PcieFabric.RootComplexes;
using PcieFabric.RootComplexes.Enumeration;

namespace PcieFabric.Actors.Tests.Requests;

public class RequestTests
{
    [Theory]
    [InlineData(64)]
    [InlineData(128)]
    public void TransfersAreCutAtMaxPayloadReadRequestBoundaryAndFourKiB(int readCompletionBoundary)
    {
        using var fabric = new TestFabric(Parts.Host(Parts.Port(Parts.Endpoint("a"), new LinkSettings { MaxPayloadSize = 256, ReadCompletionBoundary = readCompletionBoundary })));
        Dma(fabric, async (probe, memory) =>
        {
            var data = new byte[1201];
            probe.Dice.Fill(data);
            var at = memory + 4096 - 333;
            Assert.True((await probe.Write(at, data)).IsSuccess);
            var back = new byte[1201];
            Assert.True((await probe.Read(at, back)).IsSuccess);
            Assert.Equal(data, back);
        });

        var up = fabric.Tap.Tlps("host0/rp0/a", "host0/rp0").Select(s => s.Tlp).ToArray();
        Assert.All(up.Where(t => t.IsMemoryRequest), t => Assert.True((t.Address & 4095) + (ulong)t.ReachBytes <= 4096));
        Assert.All(up.Where(t => t.IsMemoryWrite), t => Assert.True(t.PayloadBytes <= 256));
        Assert.All(up.Where(t => t.IsMemoryRead), t => Assert.True(t.ReachBytes <= 512));
        var completions = fabric.Tap.Tlps("host0/rp0", "host0/rp0/a").Select(s => s.Tlp).Where(t => t.IsCompletion && t.HasData).ToArray();
        Assert.True(completions.Length > 5);
        Assert.All(completions, c =>
        {
            Assert.True(c.PayloadBytes <= 256);
            var isLast = c.ByteCount <= c.PayloadBytes - (c.LowerAddress & 3);
            Assert.True(isLast || ((c.LowerAddress & ~3) + c.PayloadBytes) % readCompletionBoundary == 0, c.ToString());
        });
    }

    [Theory]
    [InlineData(false, false, 32)]
    [InlineData(true, false, 256)]
    [InlineData(true, true, 768)]
    public void TagsBoundTheReadsUnderWay(bool eightBits, bool tenBits, int tags)
    {
        using var fabric = new TestFabric(Parts.Host(Parts.Endpoint("a")));
        var most = 0;
        var options = new EnumeratorOptions { Memory = default, EnableExtendedTags = eightBits, EnableTenBitTags = tenBits, MaxReadRequestSize = 128 };
        Dma(fabric, async (probe, memory) =>
        {
            var read = probe.Read(memory, new byte[200 * 1024]).AsTask();
            while (!read.IsCompleted)
            {
                most = Math.Max(most, probe.Requester.Outstanding);
                await probe.Delay(SimTime.FromNanoseconds(50));
            }
            Assert.True((await read).IsSuccess);
        }, options);

        var used = fabric.Tap.Tlps("host0/rp0/a", "host0/rp0").Where(s => s.Tlp.IsMemoryRead).Select(s => s.Tlp.Tag).Distinct().ToArray();
        Assert.InRange(used.Length, Math.Min(tags, 60), tags);
        Assert.InRange(most, Math.Min(tags, 30), tags);
        if (tenBits) Assert.All(used, tag => Assert.InRange(tag, 256, 1023));
    }

    [Fact]
    public void AtomicOperationsOfADeviceChangeHostMemory() => AllAtomics((bus, memory, host) => (0, memory));

    [Fact]
    public void AtomicOperationsReachAPeersMemoryUpToItsLastByte() => AllAtomics((bus, memory, host) => (1, bus.Bar(1, 2) + 65536 - 16));

    [Fact]
    public void EverythingOnTheWayToHostMemorySaysThatItTakesAtomicOperations()
    {
        using var fabric = new TestFabric(Parts.Host(Parts.Switch("sw", Parts.Endpoint("a"))));
        fabric.Run(async (host, bus) =>
        {
            // Device Capabilities 2: routing, and completer of 32, 64 and 128 bits.
            foreach (var (bridge, expected) in bus.Bridges.Zip([0xFu, 1u, 1u]))
                Assert.Equal(expected, await bus.Config.ReadAsync(bridge.Bdf, bridge.FindCapability(0x10)!.Value + 0x24) >> 6 & 0xF);
        });
    }

    [Fact]
    public void RegistersRefuseAtomicOperations()
    {
        using var fabric = new TestFabric(Parts.Host(Parts.Switch("sw", Parts.Endpoint("a"), Parts.Endpoint("b"))));
        ulong registers = 0, table = 0;
        Dma(fabric, async (probe, _) =>
        {
            foreach (var at in new[] { registers, table })
            {
                var result = await probe.Requester.SendAsync(Tlp.Atomic(AtomicOperation.FetchAdd, probe.Requester.Id, 0, at, new byte[4], Payloads(fabric)));
                Assert.Equal(CompletionStatus.UnsupportedRequest, result.Status);
            }
        }, before: bus => (registers, table) = (bus.Bar(1, 0), bus.Bar(1, 4) + 0x100));
        Assert.Empty(fabric.Probes[1].Writes);
    }

    [Fact]
    public void ByteEnablesReachRegistersAndMemory()
    {
        using var fabric = new TestFabric(Parts.Host(Parts.Endpoint("a")));
        fabric.Run(async (host, bus) =>
        {
            await host.WriteAsync(bus.Bar(0, 0) + 0x11, new byte[] { 1, 2, 3, 4, 5, 6 });
            await host.WriteAsync(bus.Bar(0, 2), Enumerable.Repeat((byte)0xEE, 16).ToArray());
            await host.WriteAsync(bus.Bar(0, 2) + 3, new byte[] { 7, 8, 9 });
            var back = new byte[8];
            await host.ReadAsync(bus.Bar(0, 2), back);
            Assert.Equal([0xEE, 0xEE, 0xEE, 7, 8, 9, 0xEE, 0xEE], back);
        });
        Assert.Equal([(0x10ul, 0b1110), (0x14, 0b0111)], fabric.Probes[0].Writes.Select(w => (w.Offset, w.ByteEnables)));
        Assert.Equal([0x0302_0100u, 0x0006_0504u], fabric.Probes[0].Writes.Select(w => w.Value));
    }

    [Fact]
    public void AZeroLengthReadFlushesAndTouchesNothing()
    {
        using var fabric = new TestFabric(Parts.Host(Parts.Switch("sw", Parts.Endpoint("a"))));
        fabric.Run(async (host, bus) =>
        {
            await host.Write32Async(bus.Bar(0, 0) + 4, 77);
            var flushed = await host.Requesters[0].SendAsync(Tlp.MemoryRead(default, 0, bus.Bar(0, 0), 0));
            Assert.True(flushed.IsSuccess);
            Assert.Equal(77u, Assert.Single(fabric.Probes[0].Writes).Value);
            Assert.Empty(fabric.Probes[0].Reads);
        });
    }

    [Fact]
    public void IoSpaceIsReadAndWritten()
    {
        using var fabric = new TestFabric(Parts.Host(Parts.Switch("sw", Parts.Endpoint("a"), Parts.Endpoint("b", Parts.Function("fb", io: true)))));
        fabric.Run(async (host, bus) =>
        {
            var port = (uint)bus.Bar(1, 1);
            var requester = host.Requesters[0];
            Assert.True((await requester.SendAsync(Tlp.IoWrite(default, 0, port + 8, 0b0110, 0x4433_2211))).IsSuccess);
            Assert.Equal(0x0033_2200ul, (await requester.SendAsync(Tlp.IoRead(default, 0, port + 8, 15))).Value);
            Assert.Equal(CompletionStatus.UnsupportedRequest, (await requester.SendAsync(Tlp.IoRead(default, 0, 0xF000, 15))).Status);
        });
    }

    [Fact]
    public void ARequestWithoutAnswerTimesOutAndALateAnswerIsUnexpected()
    {
        using var fabric = new TestFabric(Parts.Host(Parts.Endpoint("a")));
        fabric.Run(async (host, bus) =>
        {
            host.Requesters[0].CompletionTimeout = SimTime.FromNanoseconds(50);
            var result = await host.ReadAsync(bus.Bar(0, 2), new byte[4]);
            Assert.True(result.TimedOut);
            await host.DelayAsync(SimTime.FromMicroseconds(5));
            Assert.Equal((1, 1), (host.Requesters[0].Timeouts, host.Requesters[0].UnexpectedCompletions));
        });
    }

    /// <summary>Reads of 4 KiB ask for far more completions than may wait, if nothing held them back.</summary>
    [Fact]
    public void AFloodOfReadsIsHeldBackByItsCompletions()
    {
        var slow = new LinkSettings { Generation = LinkGeneration.Gen1, Width = LinkWidth.X1, MaxPayloadSize = 128, MaxReadRequestSize = 4096 };
        var parts = Enumerable.Range(0, 6).Select(i => Parts.Endpoint($"e{i}")).ToArray();
        using var fabric = new TestFabric(Parts.Host(Parts.Port(Parts.Switch("sw", parts), slow)));
        var waiting = 0;
        fabric.Run(async (host, bus) =>
        {
            var done = new List<Task>();
            for (var i = 0; i < parts.Length; i++)
            {
                var probe = fabric.Probes[i];
                probe.Doorbell = async (_, _) =>
                {
                    Assert.True((await probe.Read(0x2000, new byte[512 * 1024])).IsSuccess);
                    probe.Interrupt(0);
                };
                var vectors = await bus.EnableMsiXAsync(i, 1);
                await host.Write32Async(bus.Bar(i, 0), 1);
                done.Add(vectors[0].WaitAsync().AsTask());
            }
            for (var i = 0; i < 20; i++)
            {
                await host.DelayAsync(SimTime.FromMicroseconds(20));
                waiting = Math.Max(waiting, fabric.LinkOf("host0/rp0").Transmitter.Waiting);
            }
            await Task.WhenAll(done);
        }, new EnumeratorOptions { Memory = default, MaxReadRequestSize = 4096 });
        var reads = fabric.LinkOf("host0/rp0").Link.Credits.NonPosted.Headers;
        Assert.InRange(waiting, 0, reads * 33);
    }

    private static void AllAtomics(Func<Bus, ulong, Host, (int Peer, ulong Address)> place)
    {
        using var fabric = new TestFabric(Parts.Host(Parts.Switch("sw", Parts.Endpoint("a"), Parts.Endpoint("b"))));
        ulong at = 0;
        Dma(fabric, async (probe, memory) =>
        {
            async Task<ulong> Do(AtomicOperation operation, byte[] operands, ulong offset = 0) =>
                (await probe.Requester.SendAsync(Tlp.Atomic(operation, probe.Requester.Id, 0, at + offset, operands, Payloads(fabric)))) is { IsSuccess: true } done ? done.Value : throw new InvalidOperationException("refused");
            static byte[] U64(params ulong[] values) => [.. values.SelectMany(BitConverter.GetBytes)];
            static byte[] U32(params uint[] values) => [.. values.SelectMany(BitConverter.GetBytes)];
            await probe.Write(at, U64(5, 0xFFFF_FFFF));
            Assert.Equal(5ul, await Do(AtomicOperation.FetchAdd, U64(10)));
            Assert.Equal(15ul, await Do(AtomicOperation.Swap, U64(20)));
            Assert.Equal(20ul, await Do(AtomicOperation.CompareAndSwap, U64(20, 30)));
            Assert.Equal(30ul, await Do(AtomicOperation.CompareAndSwap, U64(20, 40)));
            Assert.Equal(0xFFFF_FFFFul, await Do(AtomicOperation.FetchAdd, U32(2), 8));
            Assert.Equal(1ul, await Do(AtomicOperation.CompareAndSwap, U32(1, 9), 8));
            Assert.Equal(30ul, await Do(AtomicOperation.CompareAndSwap, U64(30, 9, 31, 32)));
            var end = new byte[16];
            await probe.Read(at, end);
            Assert.Equal((31ul, 32ul), (BinaryPrimitives.ReadUInt64LittleEndian(end), BinaryPrimitives.ReadUInt64LittleEndian(end.AsSpan(8))));
        }, before: bus => at = place(bus, 0x4000, fabric.Root.Host).Address);
    }

    private static Memory.PayloadPool Payloads(TestFabric fabric) => fabric.Fabric.Functions.Values.First().Payloads;

    /// <summary>The first function runs the code when the host rings; the host waits for its interrupt.</summary>
    private static void Dma(TestFabric fabric, Func<Probe, ulong, Task> code, EnumeratorOptions? options = null, Action<Bus>? before = null)
    {
        fabric.Run(async (host, bus) =>
        {
            before?.Invoke(bus);
            var probe = fabric.Probes[0];
            var vectors = await bus.EnableMsiXAsync(0, 1);
            probe.Doorbell = async (_, _) =>
            {
                await code(probe, host.Memory.Allocate(256 * 1024));
                probe.Interrupt(0);
            };
            await host.Write32Async(bus.Bar(0, 0), 1);
            await vectors[0].WaitAsync();
        }, options);
    }
}
