using PcieFabric.AddressTranslation;
using PcieFabric.ConfigSpaces.Capabilities;
using PcieFabric.RootComplexes.Enumeration;
using PcieFabric.Tests;
using Xunit.Abstractions;
using static PcieFabric.Actors.Tests.VirtualFunctions.VirtualRig;

namespace PcieFabric.Actors.Tests.VirtualFunctions;

/// <summary>What virtual functions send: to the host through an IOMMU, to each other, and while they are taken away.</summary>
public sealed class VirtualTrafficTests(ITestOutputHelper output)
{
    [Fact]
    public void EachCanHaveAnAddressSpaceOfItsOwn()
    {
        using var rig = new VirtualRig(keys: "iommu: {},");
        rig.Run(async host =>
        {
            var vfs = await host.EnableAsync(3);
            var iommu = host.Host.Iommu!;
            for (var vf = 0; vf < 2; vf++)
            {
                var domain = iommu.CreateDomain();
                await iommu.AttachAsync(domain, vfs[vf].Bdf);
                await iommu.MapAsync(domain, 0x10000, 0x20000 + (ulong)vf * 0x1000, 0x1000, PagePermissions.ReadWrite);
            }
            for (var vf = 0; vf < 3; vf++)
            {
                var (probe, mark) = (rig.Probe(0, vf), (byte)(vf + 1));
                probe.Doorbell = async (_, _) =>
                {
                    var read = new byte[4];
                    await probe.Write(0x10000, new[] { mark, mark, mark, mark });
                    Assert.Equal(mark != 3, (await probe.Read(0x10000, read)).IsSuccess);
                    if (mark != 3) Assert.Equal(mark, read[0]);
                };
                await host.Host.Write32Async(vfs[vf].Bar(0), 1);
            }
            await host.Host.DelayAsync(SimTime.FromMicroseconds(50));
            Assert.Equal((1, 2, 0), (host.Host.Memory.Span(0x20000, 1)[0], host.Host.Memory.Span(0x21000, 1)[0], host.Host.Memory.Span(0x22000, 1)[0]));
        });
    }

    /// <param name="controls">What the sender has enabled.</param>
    /// <param name="blocked">The other's bit in the egress vector is set.</param>
    [Theory]
    [InlineData(AcsControls.None, false, true, false)]
    [InlineData(AcsControls.PeerRequestRedirect, false, true, true)]
    [InlineData(AcsControls.PeerEgressControl, false, true, false)]
    [InlineData(AcsControls.PeerEgressControl, true, false, false)]
    [InlineData(AcsControls.PeerEgressControl | AcsControls.PeerRequestRedirect, true, true, true)]
    public void BetweenThemAcsDecides(AcsControls controls, bool blocked, bool arrives, bool leavesTheDevice)
    {
        using var rig = new VirtualRig(functions: 2);
        rig.Run(async host =>
        {
            var (from, to) = ((await host.EnableAsync(3))[2], (await host.EnableAsync(4, function: 1))[3]);
            var acs = from.FindExtendedCapability(ExtendedCapabilityId.AccessControlServices)!.Value;
            if (blocked) await host.WriteAsync(from.Bdf, acs + 8, 1u << to.Bdf.AriFunction);
            await host.WriteAsync(from.Bdf, acs + 4, (uint)controls << 16, 0b1100);
            // Redirected requests turn round at the root port, and completions follow them nowhere.
            foreach (var bridge in host.Bus.Bridges)
                if (bridge.FindExtendedCapability(ExtendedCapabilityId.AccessControlServices) is { } of)
                    await host.WriteAsync(bridge.Bdf, of + 4, (uint)AcsControls.UpstreamForwarding << 16, 0b1100);
            await host.Host.Write32Async(to.Bar(2), 0xBEEF);
            var probe = rig.Probe(0, 2);
            probe.Doorbell = async (_, _) =>
            {
                var bytes = new byte[8];
                Assert.Equal(arrives, (await probe.Read(to.Bar(2), bytes)).IsSuccess);
                if (arrives) Assert.Equal(0xBEEFu, BitConverter.ToUInt32(bytes));
            };
            await host.Host.Write32Async(from.Bar(0), 1);
            await host.Host.DelayAsync(SimTime.FromMicroseconds(50));
        });
        Assert.Equal(leavesTheDevice, rig.Sent.Any(seen => seen.Tlp.IsMemoryRead));
    }

    [Fact]
    public void TakenAwayAndBroughtBackAtAnyTimeTheyLeaveNothingBehind()
    {
        var random = TestSeed.Random(output);
        for (var round = 0; round < 200; round++)
        {
            var dice = new Random(random.Next());
            using var rig = new VirtualRig(functions: dice.Next(1, 3), seed: (ulong)dice.NextInt64());
            // AtRest, which ends each run, counts credits, tags and payloads.
            rig.Run(host => DisturbAsync(host, dice));
        }
    }

    private static async Task DisturbAsync(VirtualRig host, Random dice)
    {
        var functions = host.Bus.Endpoints.Count;
        for (var function = 0; function < functions; function++)
            for (var vf = 0; vf < Vfs; vf++)
            {
                var probe = host.Probe(function, vf);
                probe.Doorbell = async (_, value) =>
                {
                    var buffer = new byte[value & 0xFFF];
                    var write = probe.Write(0x10_0000, buffer);
                    await probe.Read(0x20_0000, new byte[(value >> 12 & 0xFFF) + 1]);
                    await write;
                    probe.Interrupt(3);
                };
            }
        for (var step = 0; step < 4; step++)
        {
            var function = dice.Next(functions);
            var physical = host.Physical(function);
            if (physical.VirtualFunctions.Count == 0) await host.EnableAsync(dice.Next(1, Vfs + 1), function);
            var vfs = physical.VirtualFunctions;
            for (var access = 0; access < 6; access++)
            {
                var vf = vfs[dice.Next(vfs.Count)];
                await host.Host.Write32Async(vf.Bar(0), dice.NextDword());
                if (dice.Next(3) == 0) _ = host.Host.ReadAsync(vf.Bar(dice.Next(2) * 2), new byte[dice.Next(1, 1024)]).AsTask();
            }
            await host.Host.DelayAsync(SimTime.FromNanoseconds(dice.Next(3000)));
            switch (dice.Next(4))
            {
                case 0:
                    await host.DisableAsync(function);
                    break;
                case 1:
                    await host.ResetAsync(vfs[dice.Next(vfs.Count)]);
                    break;
                case 2:
                    await host.ResetAsync(physical);
                    physical = await FoundAgainAsync(host, function);
                    break;
            }
        }
    }

    /// <summary>A reset function has lost its addresses: it gets those that it had.</summary>
    private static async Task<EnumeratedFunction> FoundAgainAsync(VirtualRig host, int function)
    {
        var physical = host.Physical(function);
        await host.DisableAsync(function);
        foreach (var bar in physical.VirtualFunctionBars)
        {
            await host.WriteAsync(physical.Bdf, host.SrIovOf(function) + 0x24 + 4 * bar.Index, (uint)bar.Range.Base);
            if (bar.Kind == ConfigSpaces.BarKind.Memory64) await host.WriteAsync(physical.Bdf, host.SrIovOf(function) + 0x28 + 4 * bar.Index, (uint)(bar.Range.Base >> 32));
        }
        return physical;
    }
}
