using PcieFabric.Actors.Tests.EndpointControllers;
using PcieFabric.Actors.Tests.HostDrivers;
using PcieFabric.Doorbells;
using PcieFabric.EndpointControllers;
using PcieFabric.InterruptControllers;
using PcieFabric.Units;

namespace PcieFabric.Actors.Tests.Doorbells;

/// <summary>What software gets that asks for doorbells, and how each kind behaves.</summary>
public sealed class DoorbellTests
{
    [Theory]
    [InlineData("its")]
    [InlineData("ims")]
    [InlineData("polled")]
    public void TheHostIsToldWhatToWriteAndSeesWhatWasHeard(string kind)
    {
        var counts = new uint[4];
        using var fabric = DoorbellFabric.Of(kind, 1, 4, ", poll-interval: 500 ns");
        fabric.Run(async (host, hierarchy) =>
        {
            var driver = await host.DriverOfAsync(hierarchy);
            foreach (var doorbell in new[] { 2, 0, 2, 3 })
            {
                await driver.RingAsync(doorbell);
                await host.DelayAsync(SimTime.FromMicroseconds(2));
            }
            for (var i = 0; i < counts.Length; i++) counts[i] = await driver.ReadCountAsync(i);
        });
        Assert.Equal([1u, 0, 2, 1], counts);
        fabric.AssertNothingLeaks();
    }

    [Fact]
    public void EmbeddedDoorbellsCannotBeToldApartAndBecomeOneUntilTheLineIsTakenBack()
    {
        using var fabric = DoorbellFabric.Of("embedded", 2, 3);
        fabric.Run(async (host, hierarchy) =>
        {
            var driver = await host.DriverOfAsync(hierarchy);
            Assert.Equal(driver.AddressOf(0), driver.AddressOf(2));
            await driver.RingAsync(1);
            await host.SettleAsync(driver);
            for (var i = 0; i < 10; i++) await driver.RingAsync(0);
            await host.SettleAsync(driver);
        });
        var heard = fabric.DoorbellsOf().Set![0].Rings;
        Assert.InRange(heard, 2, 10);
        Assert.Equal(11, fabric.EmbeddedOf().EmulatedInterrupts);
        Assert.All(fabric.DoorbellsOf(0).Set!, doorbell => Assert.Equal(heard, doorbell.Rings));
        Assert.All(fabric.DoorbellsOf(1).Set!, doorbell => Assert.Equal(0, doorbell.Rings));
    }

    [Fact]
    public void PolledRingsBetweenTwoLooksAreOne()
    {
        using var fabric = DoorbellFabric.Of("polled", 1, 2, ", poll-interval: 50 us");
        var early = -1L;
        fabric.Run(async (host, hierarchy) =>
        {
            var driver = await host.DriverOfAsync(hierarchy);
            // Just behind a look.
            while (early != 1)
            {
                await driver.RingAsync(1);
                await host.DelayAsync(SimTime.FromMicroseconds(1));
                early = fabric.DoorbellsOf().Set![1].Rings;
            }
            for (var i = 0; i < 5; i++) await driver.RingAsync(0);
            await host.DelayAsync(SimTime.FromMicroseconds(10));
            Assert.Equal(0, fabric.DoorbellsOf().Set![0].Rings);
            await host.DelayAsync(SimTime.FromMicroseconds(50));
        });
        Assert.Equal([1, 1], fabric.DoorbellsOf().Set!.Select(doorbell => doorbell.Rings));
    }

    [Fact]
    public void AMaskedDoorbellIsPendingOnceAndDeliveredWhereItsMessageIsForByThen()
    {
        using var fabric = DoorbellFabric.Of("ims", 1, 3);
        var rings = new List<long[]>();
        fabric.Software().Run(async operate =>
        {
            await operate.DelayAsync(SimTime.FromMilliseconds(31));
            Assert.True((await fabric.DoorbellsOf().Set![0].MaskAsync()).IsSuccess);
            await operate.DelayAsync(SimTime.FromMilliseconds(2));
            Note();
            await fabric.DoorbellsOf().Set![0].RetargetAsync(fabric.DoorbellsOf().Set![2]);
            await operate.DelayAsync(SimTime.FromMilliseconds(2));
            Note();
            await fabric.DoorbellsOf().Set![0].UnmaskAsync();
            await operate.DelayAsync(SimTime.FromMilliseconds(2));
            Note();
        });
        fabric.Run(async (host, hierarchy) =>
        {
            var driver = await host.DriverOfAsync(hierarchy);
            await host.DelayAsync(SimTime.FromMilliseconds(32) - host.Now);
            for (var i = 0; i < 3; i++) await driver.RingAsync(0);
            await host.DelayAsync(SimTime.FromMilliseconds(10));
        });
        Assert.Equal([[0, 0, 0], [0, 0, 0], [0, 0, 1]], rings);
        Assert.Equal([1, 1, 2], fabric.InterruptsOf().Store!.Counters.Of(RingOutcome.Delivered, RingOutcome.Pending, RingOutcome.Coalesced));

        void Note() => rings.Add([.. fabric.DoorbellsOf().Set!.Select(doorbell => doorbell.Rings)]);
    }

    [Fact]
    public void WhatCannotBeHadIsRefusedByNameAndTakesNothing()
    {
        var rules = new List<(ControllerRule, Errno)>();
        using var fabric = DoorbellFabric.Of("ims", 1, 200);
        fabric.Software().Run(async operate =>
        {
            var doorbells = fabric.Software().Doorbells;
            await AskAsync(new DoorbellRequest(0, DoorbellKind.Its));
            await AskAsync(new DoorbellRequest(1, DoorbellKind.Its, 12345));
            await AskAsync(new DoorbellRequest(65, DoorbellKind.Polled, 256));
            await AskAsync(new DoorbellRequest(57, DoorbellKind.Its));
            await AskAsync(new DoorbellRequest(1, DoorbellKind.Polled, 1 << 26));
            var (_, its) = await doorbells.AllocateAsync(new DoorbellRequest(56, DoorbellKind.Its));
            rules.Add(Of(await its![0].MaskAsync()));
            rules.Add(Of(await fabric.DoorbellsOf().Set![0].RetargetAsync(its[55])));
            await doorbells.FreeAsync(its);
            rules.Add(Of(await fabric.DoorbellsOf().Set![0].RetargetAsync(its[55])));
            await AskAsync(new DoorbellRequest(56, DoorbellKind.Ims));
            Assert.Equal(256, doorbells.Count);

            async Task AskAsync(DoorbellRequest request) => rules.Add(Of((await doorbells.AllocateAsync(request)).Result));
        });
        fabric.RunAlone();
        Assert.Equal(
        [
            (ControllerRule.DoorbellCount, Errno.EINVAL),
            (ControllerRule.DoorbellCount, Errno.EINVAL),
            (ControllerRule.DoorbellCount, Errno.EINVAL),
            (ControllerRule.NoDoorbellLeft, Errno.ENOSPC),
            (ControllerRule.NoDoorbellMemory, Errno.ENOMEM),
            (ControllerRule.DoorbellImmutable, Errno.EOPNOTSUPP),
            (ControllerRule.None, Errno.None),
            (ControllerRule.DoorbellFreed, Errno.EINVAL),
            (ControllerRule.None, Errno.None),
        ], rules);

        static (ControllerRule, Errno) Of(ControllerResult result) => (result.Rule, result.Errno);
    }

    [Theory]
    [InlineData("rk3588", "Embedded Polled")]
    [InlineData("imx95", "Its Polled")]
    [InlineData("qemu-epc", "Its Ims Polled")]
    [InlineData("cadence", "Polled")]
    public void TheProfileSaysWhichKindsThereAre(string controller, string kinds)
    {
        using var fabric = ScriptFabric.Of(controller, script => Task.CompletedTask);
        var doorbells = fabric.Software().Doorbells;
        Assert.Equal(kinds, string.Join(' ', Enum.GetValues<DoorbellKind>().Where(doorbells.Supports)));
        fabric.RunAlone();
    }
}
