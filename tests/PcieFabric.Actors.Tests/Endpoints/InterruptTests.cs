using PcieFabric.Actors.Tests.Fabrics;
using PcieFabric.RootComplexes;
using PcieFabric.Topologies;

namespace PcieFabric.Actors.Tests.Endpoints;

public class InterruptTests
{
    private static readonly SimTime Settled = SimTime.FromMicroseconds(5);

    [Fact]
    public void MsiMessagesMaskAndPend() => WithProbe(async (host, bus, probe) =>
    {
        var vectors = await bus.EnableMsiAsync(0, log2Vectors: 2);
        var msi = bus.Endpoints[0].FindCapability(0x05)!.Value;
        await bus.Config.WriteAsync(bus.Endpoints[0].Bdf, msi + 0x10, 0b0100);
        for (var i = 0; i < 4; i++) probe.Post(i);
        probe.Post(7);
        await host.DelayAsync(Settled);
        Assert.Equal([1L, 1, 0, 2], vectors.Select(v => v.Count));
        Assert.Equal(0b0100u, await bus.Config.ReadAsync(bus.Endpoints[0].Bdf, msi + 0x14));

        await bus.Config.WriteAsync(bus.Endpoints[0].Bdf, msi + 0x10, 0);
        await host.DelayAsync(Settled);
        Assert.Equal([1L, 1, 1, 2], vectors.Select(v => v.Count));
        Assert.Equal(0u, await bus.Config.ReadAsync(bus.Endpoints[0].Bdf, msi + 0x14));
    });

    [Fact]
    public void TheMsiXTableIsReadAndWrittenThroughItsBar() => WithProbe(async (host, bus, probe) =>
    {
        var table = bus.Bar(0, 4) + 0x100;
        Assert.Equal(1u, await host.Read32Async(table + 16 * 15 + 12));
        var vectors = await bus.EnableMsiXAsync(0, 2);
        Assert.Equal((uint)vectors[1].MessageAddress, await host.Read32Async(table + 16));
        Assert.Equal(vectors[1].MessageData, await host.Read32Async(table + 24));
        await host.WriteAsync(bus.Bar(0, 4) + 0xF8, Enumerable.Repeat((byte)0xFF, 8).ToArray());
        Assert.Equal(~0u, await host.Read32Async(bus.Bar(0, 4) + 0xFC));
        Assert.Equal((uint)vectors[0].MessageAddress, await host.Read32Async(table));
        probe.Post(1);
        await vectors[1].WaitAsync();
        Assert.Equal(0, vectors[0].Count);
    });

    [Fact]
    public void MsiXVectorsPendBehindTheirMasks() => WithProbe(async (host, bus, probe) =>
    {
        var vectors = await bus.EnableMsiXAsync(0, 3);
        var (at, bdf) = (bus.Endpoints[0].FindCapability(0x11)!.Value, bus.Endpoints[0].Bdf);
        var pending = bus.Bar(0, 4) + 0x800;
        await host.Write32Async(bus.Bar(0, 4) + 0x100 + 16 * 2 + 12, 1);
        probe.Post(2);
        await host.DelayAsync(Settled);
        Assert.Equal((0, 0b100u), (vectors[2].Count, await host.Read32Async(pending)));

        await bus.Config.WriteAsync(bdf, at, 0xC000_0000, 0b1000);
        probe.Post(0);
        await host.DelayAsync(Settled);
        Assert.Equal((0, 0b101u), (vectors[0].Count, await host.Read32Async(pending)));

        await bus.Config.WriteAsync(bdf, at, 0x8000_0000, 0b1000);
        await vectors[0].WaitAsync();
        Assert.Equal((0, 0b100u), (vectors[2].Count, await host.Read32Async(pending)));

        await host.Write32Async(bus.Bar(0, 4) + 0x100 + 16 * 2 + 12, 0);
        await vectors[2].WaitAsync();
        Assert.Equal(0u, await host.Read32Async(pending));
    });

    [Fact]
    public void AnInterruptStaysBehindTheDataThatItAnnounces() => WithProbe(async (host, bus, probe) =>
    {
        var vectors = await bus.EnableMsiXAsync(0, 1);
        var buffer = host.Memory.Allocate(8192);
        for (byte round = 1; round < 10; round++)
        {
            var value = round;
            probe.Begin(async () =>
            {
                await probe.Write(buffer, Enumerable.Repeat(value, 8000).ToArray());
                probe.Interrupt(0);
            });
            probe.Post(null);
            await vectors[0].WaitAsync();
            Assert.Equal(value, host.Memory.Span(buffer, 8000)[^1]);
        }
    });

    [Fact]
    public void SharersOfAnIntxLineKeepItAssertedUntilTheLastIsDone()
    {
        // Function a asserts INTA below device 1 of the switch, b INTB below device 0: both are INTB at the root port.
        using var fabric = new TestFabric(Parts.Host(Parts.Switch("sw", Parts.Endpoint("b", Parts.Function("fb", interruptPin: 2)), Parts.Endpoint("a", Parts.Function("fa", interruptPin: 1)))));
        var (b, a) = (fabric.Probes[0], fabric.Probes[1]);
        Serve(a);
        Serve(b);
        fabric.Run(async (host, bus) =>
        {
            var line = host.Interrupts.Line(1);
            async Task Set(int endpoint, uint level, bool expected)
            {
                await host.Write32Async(bus.Bar(endpoint, 0), level);
                await host.DelayAsync(Settled);
                Assert.Equal(expected, line.IsAsserted);
            }
            await Set(0, 1, true);
            await Set(1, 1, true);
            await Set(0, 0, true);
            await Set(1, 0, false);
            Assert.Equal(1, line.Count);
            await Set(1, 1, true);
            // Interrupt Disable takes the line back, and does not forget.
            await bus.Config.WriteAsync(bus.Endpoints[1].Bdf, 4, 0x0406, 0b0011);
            await host.DelayAsync(Settled);
            Assert.False(line.IsAsserted);
            Assert.Equal(8u, await bus.Config.ReadAsync(bus.Endpoints[1].Bdf, 4) >> 16 & 8);
            await bus.Config.WriteAsync(bus.Endpoints[1].Bdf, 4, 0x0006, 0b0011);
            await host.DelayAsync(Settled);
            Assert.True(line.IsAsserted);
            Assert.Equal(0, host.Interrupts.Spurious);
        });
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void AHotResetAtAnyLevelTakesIntxBack(int level)
    {
        using var fabric = new TestFabric(Parts.Host(Parts.Switch("outer", Parts.Switch("inner", Parts.Endpoint("a", Parts.Function("fa", interruptPin: 1))))));
        Serve(fabric.Probes[0]);
        fabric.Run(async (host, bus) =>
        {
            var line = host.Interrupts.Line(0);
            await host.Write32Async(bus.Bar(0, 0), 1);
            await line.WaitAsync();
            // Root port, the outer switch's downstream port, the inner's.
            var bridge = bus.Bridges[2 * level].Bdf;
            await bus.Config.WriteAsync(bridge, 0x3C, 0x0042_0000, 0b1100);
            await host.DelayAsync(Settled);
            await bus.Config.WriteAsync(bridge, 0x3C, 0x0002_0000, 0b1100);
            await host.DelayAsync(Settled);
            Assert.False(line.IsAsserted);
        });
    }

    /// <summary>Enumeration finds functions 0 and 2 of device 1 third and fifth: ports 1 and 65.</summary>
    [Fact]
    public void ALargeSwitchJoinsTheLinesOfAllItsPorts()
    {
        var part = Parts.Endpoint("a", Parts.Function("fa", interruptPin: 1));
        using var fabric = new TestFabric(Parts.Host(Parts.Switch("sw", [.. Enumerable.Range(0, 72).Select(_ => Parts.Port(part))])));
        foreach (var probe in fabric.Probes) Serve(probe);
        fabric.Run(async (host, bus) =>
        {
            foreach (var endpoint in new[] { 3, 5 }) await host.Write32Async(bus.Bar(endpoint, 0), 1);
            await host.DelayAsync(Settled);
            await host.Write32Async(bus.Bar(5, 0), 0);
            await host.DelayAsync(Settled);
            Assert.Equal([false, true, false, false], Enumerable.Range(0, 4).Select(i => host.Interrupts.Line(i).IsAsserted));
        });
    }

    private static void Serve(Probe probe) => probe.Doorbell = (_, value) =>
    {
        probe.Line(value != 0);
        return Task.CompletedTask;
    };

    private static void WithProbe(Func<Host, Bus, Poster, Task> test)
    {
        using var fabric = new TestFabric(Parts.Host(Parts.Switch("sw", Parts.Endpoint("a"))));
        var poster = new Poster(fabric.Probes[0]);
        fabric.Run((host, bus) =>
        {
            poster.Use(host, bus);
            return test(host, bus, poster);
        });
    }

    /// <summary>Has the function raise an interrupt, or run prepared code, by a write to its register.</summary>
    private sealed class Poster(Probe probe)
    {
        private readonly Queue<Func<Task>> _code = new();
        private Host? _host;
        private Bus? _bus;

        public void Use(Host host, Bus bus)
        {
            (_host, _bus) = (host, bus);
            probe.Doorbell = (_, value) =>
            {
                if (value == 0) return _code.Dequeue()();
                probe.Interrupt((int)value - 1);
                return Task.CompletedTask;
            };
        }

        public void Begin(Func<Task> code) => _code.Enqueue(code);

        public void Post(int? vector) => _ = _host!.Write32Async(_bus!.Bar(0, 0), vector is { } number ? (uint)number + 1 : 0).AsTask();

        public ValueTask Write(ulong address, byte[] data) => new(probe.Write(address, data).AsTask());

        public void Interrupt(int vector) => probe.Interrupt(vector);
    }
}
