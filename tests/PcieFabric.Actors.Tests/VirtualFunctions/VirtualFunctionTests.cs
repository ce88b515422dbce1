using PcieFabric.Actors.Tests.Fabrics;
using PcieFabric.Addressing;
using PcieFabric.ConfigSpaces.Capabilities;
using PcieFabric.RootComplexes.Enumeration;
using PcieFabric.Tlps;
using static PcieFabric.Actors.Tests.VirtualFunctions.VirtualRig;

namespace PcieFabric.Actors.Tests.VirtualFunctions;

/// <summary>Virtual functions of an endpoint (PCIe 6.0 chapter 9), as host software meets them.</summary>
public sealed class VirtualFunctionTests
{
    [Fact]
    public void UntilSoftwareEnablesThemTheyAreNotThere()
    {
        using var rig = new VirtualRig();
        rig.Run(async host =>
        {
            var id = (ushort)(host.Physical().Bdf.Value + 4);
            Assert.Equal(Nobody, await host.ReadAsync(new Bdf(id), 0x2C));
            var base0 = host.Physical().VirtualFunctionBars[0].Range.Base;
            Assert.Equal(Nobody, await host.Host.Read32Async(base0));
        });
        Assert.Empty(rig.Fabric.Fabric.Endpoints.Values.Single().Functions[0]!.VirtualFunctions);
        Assert.Equal(0, rig.Probe(0, 0).Resets);
    }

    [Fact]
    public void TheirConfigurationSpaceIsThatOfAVirtualFunction()
    {
        using var rig = new VirtualRig();
        rig.Run(async host =>
        {
            foreach (var vf in await host.EnableAsync(3))
            {
                Assert.Equal(~0u, await host.ReadAsync(vf.Bdf, 0x00));
                Assert.Equal(0x0200_0000u, await host.ReadAsync(vf.Bdf, 0x08));
                Assert.Equal(0u, await host.ReadAsync(vf.Bdf, 0x0C));
                for (var bar = 0x10; bar <= 0x24; bar += 4)
                {
                    await host.WriteAsync(vf.Bdf, bar, ~0u);
                    Assert.Equal(0u, await host.ReadAsync(vf.Bdf, bar));
                }
                await host.WriteAsync(vf.Bdf, 0x04, 0xFFFF, 0b0011);
                Assert.Equal(0x0010_0004u, await host.ReadAsync(vf.Bdf, 0x04));
                await host.WriteAsync(vf.Bdf, 0x3C, ~0u);
                Assert.Equal(0u, await host.ReadAsync(vf.Bdf, 0x3C));
                // Of Device Control only the reset that it starts, which reads zero.
                var express = vf.FindCapability(0x10)!.Value;
                await host.WriteAsync(vf.Bdf, express + 8, 0x7FFF, 0b0011);
                Assert.Equal(0u, await host.ReadAsync(vf.Bdf, express + 8) & 0xFFFF);
                Assert.Equal(0u, await host.ReadAsync(vf.Bdf, express + 0x10));
                // Masks and severities are the physical function's.
                var aer = vf.FindExtendedCapability(ExtendedCapabilityId.AdvancedErrorReporting)!.Value;
                foreach (var register in new[] { 8, 12, 0x14 })
                {
                    await host.WriteAsync(vf.Bdf, aer + register, ~0u);
                    Assert.Equal(0u, await host.ReadAsync(vf.Bdf, aer + register));
                }
            }
        });
    }

    [Fact]
    public void TheirCapabilitiesAreThoseThatWereAskedFor()
    {
        using var rig = new VirtualRig();
        rig.Run(async host =>
        {
            var vf = (await host.EnableAsync(Vfs))[7];
            Assert.Equal([CapabilityId.PowerManagement, CapabilityId.PciExpress, CapabilityId.MsiX], vf.Capabilities.Select(c => (int)c.Id).Order());
            Assert.Equal(
                [ExtendedCapabilityId.AdvancedErrorReporting, ExtendedCapabilityId.AccessControlServices, ExtendedCapabilityId.AlternativeRoutingId],
                vf.ExtendedCapabilities.Select(c => (int)c.Id).Order());
            Assert.Equal((0x1D0F, 0x31, 0x020000u), (vf.Identity.VendorId, vf.Identity.DeviceId, vf.Identity.ClassCode));
            Assert.Equal(host.Physical().Bdf.Value + 4 + 7, vf.Bdf.Value);
        });
    }

    [Theory]
    [InlineData(1u, 4096ul)]
    [InlineData(1u << 4, 65536ul)]
    public void EachHasItsShareOfTheVfBarsAndSmallOnesGrowToAPage(uint pageSize, ulong shareBytes)
    {
        using var rig = new VirtualRig();
        rig.Run(async host =>
        {
            await host.WriteAsync(host.Physical().Bdf, host.SrIovOf() + 0x20, pageSize);
            // Found anew, with addresses for pages of that size.
            var own = host.Host.Hierarchies[0];
            var again = new Enumerator(host.Host.Configuration[0], new EnumeratorOptions { Memory = own.Memory, PrefetchableMemory = own.Prefetchable, Io = own.Io, VirtualFunctions = 5 });
            var physical = (await again.RunAsync()).Functions.Single(f => f.TotalVfs > 0);
            Assert.Equal(shareBytes * Vfs, physical.VirtualFunctionBars[0].Range.Size);
            Assert.Equal(5, physical.VirtualFunctions.Count);
            for (var vf = 0; vf < 5; vf++)
            {
                var found = physical.VirtualFunctions[vf];
                Assert.Equal(physical.VirtualFunctionBars[0].Range.Base + (ulong)vf * shareBytes, found.Bar(0));
                Assert.Equal(0xA500_0010u, await host.Host.Read32Async(found.Bar(0) + 0x10));
                await host.Host.Write32Async(found.Bar(2) + 0x1FFC, (uint)vf + 100);
                Assert.Equal((0x10ul, 1), (rig.Probe(0, vf).Reads.Single().Offset, rig.Probe(0, vf).Resets));
            }
            for (var vf = 0; vf < 5; vf++) Assert.Equal((uint)vf + 100, await host.Host.Read32Async(physical.VirtualFunctions[vf].Bar(2) + 0x1FFC));
            // What a BAR has beyond its own size is nobody's memory.
            if (shareBytes > 8192) Assert.Equal(Nobody, await host.Host.Read32Async(physical.VirtualFunctions[0].Bar(2) + 0x2000));
            Assert.Equal(Nobody, await host.Host.Read32Async(physical.VirtualFunctions[4].Bar(0) + shareBytes));
        });
    }

    [Fact]
    public void WithoutVfMemorySpaceEnableTheyHaveRegistersAndNoMemory()
    {
        using var rig = new VirtualRig();
        rig.Run(async host =>
        {
            var vf = (await host.EnableAsync(2))[1];
            var control = host.SrIovOf() + 8;
            await host.WriteAsync(host.Physical().Bdf, control, await host.ReadAsync(host.Physical().Bdf, control) & ~8u, 0b0011);
            Assert.Equal(Nobody, await host.Host.Read32Async(vf.Bar(2)));
            Assert.Equal(0x0010_0004u, await host.ReadAsync(vf.Bdf, 4));
            await host.WriteAsync(host.Physical().Bdf, control, await host.ReadAsync(host.Physical().Bdf, control) | 8, 0b0011);
            Assert.Equal(0u, await host.Host.Read32Async(vf.Bar(2)));
        });
    }

    [Fact]
    public void AFunctionLevelResetOfOneLeavesTheOthersAlone()
    {
        using var rig = new VirtualRig();
        rig.Run(async host =>
        {
            var vfs = await host.EnableAsync(Vfs);
            await host.ResetAsync(vfs[3]);
            for (var vf = 0; vf < Vfs; vf++) Assert.Equal(vf == 3 ? 0u : 4, await host.ReadAsync(vfs[vf].Bdf, 4) & 4);
            // It is there still, and decodes.
            Assert.Equal(0xA500_0000u, await host.Host.Read32Async(vfs[3].Bar(0)));
        });
        Assert.Equal([1, 1, 1, 2, 1, 1, 1, 1], Enumerable.Range(0, Vfs).Select(vf => rig.Probe(0, vf).Resets));
        Assert.Equal(0, rig.Probe(0).Resets);
    }

    [Fact]
    public void AFunctionLevelResetOfThePhysicalFunctionTakesThemAway()
    {
        using var rig = new VirtualRig(functions: 2);
        rig.Run(async host =>
        {
            var (ours, others) = (await host.EnableAsync(4), await host.EnableAsync(4, function: 1));
            await host.ResetAsync(host.Physical());
            Assert.Equal(0u, await host.ReadAsync(host.Physical().Bdf, host.SrIovOf() + 8) & 9);
            foreach (var vf in ours) Assert.Equal(Nobody, await host.ReadAsync(vf.Bdf, 4));
            foreach (var vf in others) Assert.Equal(0xA500_0000u, await host.Host.Read32Async(vf.Bar(0)));
            Assert.Equal(Nobody, await host.Host.Read32Async(ours[0].Bar(2)));
        });
        // As after a reset when they came, and when they went.
        Assert.Equal([2, 2, 2, 2, 0, 0, 0, 0], Enumerable.Range(0, Vfs).Select(vf => rig.Probe(0, vf).Resets));
        Assert.Equal([1, 1, 1, 1, 0, 0, 0, 0], Enumerable.Range(0, Vfs).Select(vf => rig.Probe(1, vf).Resets));
    }

    [Fact]
    public void AHotResetTakesThemAway()
    {
        using var rig = new VirtualRig();
        rig.Run(async host =>
        {
            var vfs = await host.EnableAsync(Vfs);
            var port = host.Bus.Bridges[^1].Bdf;
            await host.WriteAsync(port, 0x3C, 0x0042_0000, 0b1100);
            await host.Host.DelayAsync(SimTime.FromMilliseconds(1));
            await host.WriteAsync(port, 0x3C, 0x0002_0000, 0b1100);
            await host.Host.DelayAsync(SimTime.FromMilliseconds(100));
            foreach (var vf in vfs) Assert.Equal(Nobody, await host.ReadAsync(vf.Bdf, 4));
            Assert.NotEqual(Nobody, await host.ReadAsync(host.Physical().Bdf, 0));
        });
        Assert.All(Enumerable.Range(0, Vfs), vf => Assert.Equal(2, rig.Probe(0, vf).Resets));
    }

    [Fact]
    public void EachHasItsOwnInterrupts()
    {
        using var rig = new VirtualRig();
        rig.Run(async host =>
        {
            var vfs = await host.EnableAsync(3);
            var vectors = host.Host.Interrupts.Allocate(3);
            for (var vf = 0; vf < 3; vf++)
            {
                await host.Host.Write64Async(vfs[vf].Bar(4) + 0x100 + 16 * 5, vectors[vf].MessageAddress);
                await host.Host.Write64Async(vfs[vf].Bar(4) + 0x108 + 16 * 5, vectors[vf].MessageData);
                var number = vf;
                rig.Probe(0, vf).Doorbell = (_, _) =>
                {
                    rig.Probe(0, number).Interrupt(5);
                    return Task.CompletedTask;
                };
            }
            // One of them keeps MSI-X disabled.
            foreach (var vf in new[] { 0, 2 }) await host.WriteAsync(vfs[vf].Bdf, vfs[vf].FindCapability(0x11)!.Value, 0x8000_0000, 0b1000);
            for (var vf = 0; vf < 3; vf++) await host.Host.Write32Async(vfs[vf].Bar(0), 1);
            await vectors[0].WaitAsync();
            await vectors[2].WaitAsync();
            await host.Host.DelayAsync(SimTime.FromMicroseconds(10));
            Assert.False(vectors[1].IsPending);
        });
        Assert.Equal([1, 0, 1], rig.Fabric.Fabric.Endpoints.Values.Single().Functions[0]!.VirtualFunctions.Select(vf => vf.InterruptsSent));
    }

    [Fact]
    public void TheySendUnderTheirOwnNamesAndWithTheLimitsOfThePhysicalFunction()
    {
        using var rig = new VirtualRig(functions: 2);
        rig.Run(async host =>
        {
            var vfs = await host.EnableAsync(Vfs, function: 1);
            BitConverter.TryWriteBytes(host.Host.Memory.Span(0x1000, 4), 0x1234u);
            for (var vf = 0; vf < Vfs; vf++)
            {
                var probe = rig.Probe(1, vf);
                probe.Doorbell = async (_, _) =>
                {
                    var bytes = new byte[2048];
                    Assert.True((await probe.Read(0x1000, bytes)).IsSuccess);
                    Assert.Equal(0x1234u, BitConverter.ToUInt32(bytes));
                    await probe.Write(0x8000, bytes);
                };
            }
            // Bus Master Enable is each one's own.
            await host.WriteAsync(vfs[6].Bdf, 4, 0, 0b0011);
            rig.Probe(1, 6).Doorbell = async (_, _) => Assert.False((await rig.Probe(1, 6).Read(0x1000, new byte[4])).IsSuccess);
            foreach (var vf in vfs) await host.Host.Write32Async(vf.Bar(0), 1);
            await host.Host.DelayAsync(SimTime.FromMicroseconds(50));
        });
        var sent = rig.Sent.Where(seen => seen.Tlp.IsMemoryRequest).ToList();
        var expected = Enumerable.Range(0, Vfs).Where(vf => vf != 6).Select(vf => rig.Physical(1).VirtualFunctions[vf].Bdf);
        Assert.Equal(expected.Order(), sent.Select(seen => seen.Tlp.Requester).Distinct().Order());
        Assert.All(sent, seen => Assert.True(seen.Tlp.PayloadBytes <= 256 && seen.Tlp.LengthDw <= 128));
    }

    [Fact]
    public void WhatGoesWrongInOneIsLoggedThereAndReportedAsThePhysicalFunctionSays()
    {
        using var rig = new VirtualRig();
        rig.Run(async host =>
        {
            var vfs = await host.EnableAsync(2);
            await host.Host.Write32Async(vfs[1].Bar(2), 7);
            var power = vfs[1].FindCapability(0x01)!.Value + 4;
            await host.WriteAsync(vfs[1].Bdf, power, 3, 0b0001);
            Assert.Equal(Nobody, await host.Host.Read32Async(vfs[1].Bar(2)));
            Assert.Equal(0u, await host.Host.Read32Async(vfs[0].Bar(2)));
            // The requester is told, so it is an advisory error, which the physical function masks unless told otherwise.
            var aer = vfs[1].FindExtendedCapability(ExtendedCapabilityId.AdvancedErrorReporting)!.Value;
            Assert.Equal((0u, 1u << 13), (await host.ReadAsync(vfs[1].Bdf, aer + 4), await host.ReadAsync(vfs[1].Bdf, aer + 0x10)));
            var physical = host.Physical().FindExtendedCapability(ExtendedCapabilityId.AdvancedErrorReporting)!.Value;
            await host.WriteAsync(host.Physical().Bdf, physical + 0x14, 0);
            Assert.Equal(Nobody, await host.Host.Read32Async(vfs[1].Bar(2)));
            Assert.Equal(1u << 20, await host.ReadAsync(vfs[1].Bdf, aer + 4));
            Assert.Equal((0u, 0u), (await host.ReadAsync(vfs[0].Bdf, aer + 4), await host.ReadAsync(vfs[0].Bdf, aer + 0x10)));
        });
        var reported = rig.Sent.Single(seen => seen.Tlp.IsMessage);
        Assert.Equal((rig.Physical().VirtualFunctions[1].Bdf, (byte)MessageCode.ERR_COR), (reported.Tlp.Requester, reported.Tlp.MessageCode));
        Assert.Equal([0, 2], rig.Fabric.Fabric.Endpoints.Values.Single().Functions[0]!.VirtualFunctions.Select(vf => (int)vf.Counters.UnsupportedRequests));
    }

    [Fact]
    public void BusMasteringWithoutPowerIsNone()
    {
        using var rig = new VirtualRig();
        rig.Run(async host =>
        {
            var vf = (await host.EnableAsync(1))[0];
            rig.Probe(0, 0).Doorbell = async (_, _) =>
            {
                await rig.Probe(0, 0).Delay(SimTime.FromMicroseconds(10));
                Assert.False((await rig.Probe(0, 0).Read(0x1000, new byte[4])).IsSuccess);
            };
            await host.Host.Write32Async(vf.Bar(0), 1);
            // The physical function sleeps, and with it all that it has.
            await host.WriteAsync(host.Physical().Bdf, host.Physical().FindCapability(0x01)!.Value + 4, 3, 0b0001);
            await host.Host.DelayAsync(SimTime.FromMicroseconds(50));
        });
        Assert.Single(rig.Probe(0, 0).Writes);
    }
}
