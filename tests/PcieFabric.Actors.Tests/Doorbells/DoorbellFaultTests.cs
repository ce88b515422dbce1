using PcieFabric.Actors.Tests.EndpointControllers;
using PcieFabric.Actors.Tests.HostDrivers;
using PcieFabric.HostDrivers;
using PcieFabric.InterruptControllers;
using PcieFabric.RootComplexes;
using PcieFabric.RootComplexes.Enumeration;
using PcieFabric.Units;
using Xunit.Abstractions;

namespace PcieFabric.Actors.Tests.Doorbells;

/// <summary>Rings at the wrong time and of the wrong shape: each has a named outcome, and what is right afterwards rings.</summary>
public sealed class DoorbellFaultTests(ITestOutputHelper output)
{
    public static TheoryData<string> Kinds => ["its", "ims", "embedded", "polled"];

    private static SimTime Ms(double value) => SimTime.FromMilliseconds(value);

    [Theory]
    [MemberData(nameof(Kinds))]
    public void RingsAfterUnbindAreRefusedAndAfterBindingAnewTheyAreHeard(string kind)
    {
        using var fabric = DoorbellFabric.Of(kind, 2, 4);
        fabric.Software().Run(async operate =>
        {
            await operate.DelayAsync(Ms(50));
            await operate.UnbindAsync();
            await operate.DelayAsync(Ms(50));
            await operate.BindAsync();
        });
        fabric.Run(async (host, hierarchy) =>
        {
            var drivers = await host.DriversAsync(hierarchy, 2);
            await drivers[0].RingAsync(1);
            await host.DelayAsync(Ms(70) - host.Now);
            Assert.Null(fabric.DoorbellsOf().Set);
            Assert.Equal(0, fabric.Software().Doorbells.Count);
            // The other function keeps its own all the time.
            foreach (var driver in drivers) await driver.RingAsync(1);
            await host.DelayAsync(Ms(130) - host.Now);
            await drivers[0].RingAsync(1);
            await host.SettleAsync(drivers[1]);
        });
        var refused = fabric.Controller.Functions[0]!.Counters.UnsupportedRequests + fabric.InterruptsOf().Messages!.Counters[RingOutcome.Unknown] + fabric.Software().Doorbells.Spurious;
        Assert.Equal(1, refused);
        Assert.Equal([1, 1], new[] { fabric.DoorbellsOf(0).Set![1].Rings, fabric.DoorbellsOf(1).Set![1].Rings });
        fabric.AssertNothingLeaks();
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void RingsDuringUnbindAreHeardOrHaveAName(string kind)
    {
        const int Rings = 20_000;
        var random = new Random(TestSeed.Of(output, 46));
        using var fabric = DoorbellFabric.Of(kind, 1, 8);
        var heard = 0L;
        fabric.DoorbellsOf().Rung = _ => heard++;
        fabric.Software().Run(async operate =>
        {
            await operate.DelayAsync(Ms(30));
            while (operate.Now < Ms(31)) await operate.DelayAsync(SimTime.FromNanoseconds(random.Next(20_000)));
            await operate.UnbindAsync();
        });
        fabric.Run(async (host, hierarchy) =>
        {
            var driver = await host.DriverOfAsync(hierarchy);
            while (host.Now < Ms(30.9)) await host.DelayAsync(SimTime.FromMicroseconds(10));
            for (var i = 0; i < Rings; i++) await driver.RingAsync(i % 8);
            await host.DelayAsync(Ms(5));
        });
        var (messages, store, embedded) = (fabric.InterruptsOf().Messages!.Counters, fabric.InterruptsOf().Store!.Counters, fabric.EmbeddedOf().EmulatedInterrupts);
        var refused = fabric.Controller.Functions[0]!.Counters.UnsupportedRequests;
        output.WriteLine($"{heard} heard, {refused} refused, {fabric.Software().Doorbells.Spurious} late; {messages}; {store}; {embedded} emulated");
        if (kind is "its" or "ims") Assert.Equal(Rings, heard + refused + messages[RingOutcome.Unknown] + store[RingOutcome.Unknown] + fabric.Software().Doorbells.Spurious);
        Assert.True(heard > 0);
        Assert.Equal(0, fabric.InterruptsOf().Messages!.Mapped);
        Assert.Equal(0, store[RingOutcome.Misdirected]);
        Assert.Equal(0ul, fabric.Software().Memory.AllocatedBytes);
        fabric.AssertNothingLeaks();
    }

    public enum Fault
    {
        FunctionLevelReset,
        HotReset,
        LinkDisabled,
    }

    public static TheoryData<Fault, string> Faults
    {
        get
        {
            var data = new TheoryData<Fault, string>();
            foreach (var fault in Enum.GetValues<Fault>())
                foreach (var kind in Kinds) data.Add(fault, kind);
            return data;
        }
    }

    /// <summary>What the host takes away, it gives back by enumerating anew; the doorbells are the endpoint's own and outlive it.</summary>
    [Theory]
    [MemberData(nameof(Faults))]
    public void DoorbellsOutliveResetsAndAreSilentUntilTheHostHasEnumerated(Fault fault, string kind)
    {
        using var fabric = DoorbellFabric.Of(kind, 1, 4);
        var heard = new List<long>();
        fabric.Host.Run(async host =>
        {
            await host.DelayAsync(Ms(30));
            var hierarchy = await EndpointTestFabric.EnumerateAsync(host);
            var driver = await host.DriverOfAsync(hierarchy);
            await RingAsync(host, driver);
            await InflictAsync(host, fault, hierarchy, async () => await RingAsync(host, driver));
            await RingAsync(host, driver);
            await host.DelayAsync(Ms(30));
            hierarchy = await EndpointTestFabric.EnumerateAsync(host);
            await RingAsync(host, await host.DriverOfAsync(hierarchy));
        });
        fabric.RunToEnd();

        Assert.Equal(1, heard[0]);
        Assert.Equal(Enumerable.Repeat(1L, heard.Count - 2), heard.Skip(1).SkipLast(1));
        Assert.Equal(2, heard[^1]);
        fabric.AssertNothingLeaks();

        async Task RingAsync(Host host, EpfDoorbellDriver driver)
        {
            await driver.RingAsync(2);
            await host.DelayAsync(Ms(0.1));
            heard.Add(fabric.DoorbellsOf().Set![2].Rings);
        }
    }

    [Theory]
    [InlineData("its")]
    [InlineData("ims")]
    [InlineData("embedded")]
    public void WritesOfTheWrongShapeAreCountedAndRingNothing(string kind)
    {
        using var fabric = DoorbellFabric.Of(kind, 1, 4);
        fabric.Run(async (host, hierarchy) =>
        {
            var driver = await host.DriverOfAsync(hierarchy);
            var ring = driver.AddressOf(3);
            await host.WriteAsync(ring, new byte[] { 3 });
            await host.WriteAsync(ring, new byte[] { 3, 0 });
            // Across two DWs: a part of each.
            await host.WriteAsync(ring + 2, new byte[] { 3, 0, 0, 0 });
            await host.WriteAsync(ring + 0x200, BitConverter.GetBytes(3));
            Assert.Equal(0u, await host.Read32Async(ring));
            await host.SettleAsync(driver);
            Assert.All(fabric.DoorbellsOf().Set!, doorbell => Assert.Equal(0, doorbell.Rings));
            await driver.RingAsync(3);
            await host.SettleAsync(driver);
        });
        if (kind == "embedded") Assert.Equal((4, 1), (fabric.EmbeddedOf().PartialWrites, fabric.EmbeddedOf().EmulatedInterrupts));
        else
        {
            var counters = kind == "its" ? fabric.InterruptsOf().Messages!.Counters : fabric.InterruptsOf().Store!.Counters;
            Assert.Equal([4, 1, 1, 1], counters.Of(RingOutcome.Partial, RingOutcome.Read, RingOutcome.Delivered, kind == "ims" ? RingOutcome.Unknown : RingOutcome.Foreign));
        }
        Assert.Equal(1, fabric.DoorbellsOf().Set![3].Rings);
        fabric.AssertNothingLeaks();
    }

    /// <summary>Windows of this controller do not move while it runs, so a function that was unbound cannot come back.</summary>
    [Fact]
    public void ABindThatIsRefusedKeepsNoMemory()
    {
        using var fabric = new HostDrivers.EndpointTestFabric("cadence", settings: "kind: polled", model: "epf-doorbell");
        fabric.Software().Run(async operate =>
        {
            await operate.DelayAsync(PcieFabric.Units.SimTime.FromMilliseconds(30));
            await operate.UnbindAsync();
            await operate.BindAsync();
        });
        EndpointControllers.ScriptFabric.RunAlone(fabric);
        Assert.NotEmpty(((PcieFabric.EndpointFunctions.EpfDoorbells.EpfDoorbell)fabric.Software().Function).Refusals);
        Assert.Equal(0ul, fabric.Software().Memory.AllocatedBytes);
    }

    [Fact]
    public void AValueThatIsNoEventOfTheFunctionIsCountedAndNeverDelivered()
    {
        using var fabric = DoorbellFabric.Of("its", 2, 4);
        fabric.Run(async (host, hierarchy) =>
        {
            var driver = await host.DriverOfAsync(hierarchy);
            foreach (var value in new uint[] { 4, 5, 255, 256, 0x8000_0000, uint.MaxValue }) await host.Write32Async(driver.AddressOf(0), value);
            await host.SettleAsync(driver);
        });
        Assert.Equal("Unknown 6", fabric.InterruptsOf().Messages!.Counters.ToString());
        fabric.AssertNothingLeaks();
    }

    private static async Task InflictAsync(Host host, Fault fault, EnumeratedHierarchy hierarchy, Func<Task> meanwhile)
    {
        var (port, function) = (hierarchy.RootBus[0], EndpointTestFabric.FunctionOf(hierarchy));
        await (fault switch
        {
            Fault.FunctionLevelReset => host.ResetFunctionAsync(function),
            Fault.HotReset => host.HotResetAsync(port, meanwhile),
            _ => host.DisableLinkForAWhileAsync(port, meanwhile),
        });
    }
}
