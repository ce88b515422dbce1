using PcieFabric.AddressTranslation;
using PcieFabric.Documents;
using PcieFabric.EndpointFunctions;
using PcieFabric.Iommus;
using PcieFabric.Requests;
using PcieFabric.RootComplexes.Enumeration;
using PcieFabric.Tlps;
using PcieFabric.Topologies;
using PcieFabric.Topologies.Building;
using PcieFabric.Topologies.Reading;
using PcieFabric.Units;

namespace PcieFabric.Actors.Tests.Iommus;

public sealed class IommuTests
{
    private const ulong Iova = 0x7000_0000_0000;

    [Fact]
    public void AMappedBufferIsReadAndWrittenAndAddedTo()
    {
        using var rig = new IommuRig();
        rig.Run(async (host, iommu) =>
        {
            var buffer = host.Memory.Allocate(0x3000, 0x1000);
            var domain = iommu.CreateDomain();
            await iommu.AttachAsync(domain, rig.Id(0));
            await iommu.MapAsync(domain, Iova, buffer, 0x3000, PagePermissions.ReadWrite);
            IommuRig.Bytes(200).CopyTo(host.Memory.Span(buffer + 0xFC0, 200));
            var read = new byte[200];
            await rig.DoAsync(host, 0, async probe =>
            {
                Assert.True((await probe.ReadAsync(Iova + 0xFC0, read)).IsSuccess);
                Assert.True((await probe.WriteAsync(Iova + 0x1FFD, IommuRig.Bytes(7, first: 50))).IsSuccess);
                Assert.Equal(0x04030201u, (await probe.FetchAddAsync(Iova + 0xFC0, 5)).Value);
            });
            Assert.Equal(IommuRig.Bytes(200), read);
            Assert.Equal(IommuRig.Bytes(7, first: 50), host.Memory.Span(buffer + 0x1FFD, 7).ToArray());
            Assert.Equal(0x04030206u, BitConverter.ToUInt32(host.Memory.Span(buffer + 0xFC0, 4)));
        });
        Assert.Equal(0, rig.Iommu.Counters.Faults);
    }

    [Fact]
    public void WithoutAnIommuAHostHasNone() => Assert.Null(new PcieFabric.Topologies.HostDefinition { Name = "h", RootComplexes = [] }.Iommu);

    [Fact]
    public void InterruptsAndPassThroughDomainsNeedNoMapping()
    {
        using var rig = new IommuRig();
        rig.Run(async (host, iommu) =>
        {
            var vector = host.Interrupts.Allocate(1)[0];
            var buffer = host.Memory.Allocate(64);
            await iommu.AttachAsync(iommu.CreateDomain(passThrough: true), rig.Id(1));
            await rig.DoAsync(host, 0, async probe => await probe.WriteAsync(vector.MessageAddress, BitConverter.GetBytes(vector.MessageData)));
            await vector.WaitAsync();
            await rig.DoAsync(host, 1, async probe => await probe.WriteAsync(buffer, IommuRig.Bytes(64)));
            Assert.Equal(IommuRig.Bytes(64), host.Memory.Span(buffer, 64).ToArray());
        });
        Assert.Equal(2, rig.Iommu.Counters.Bypassed);
        Assert.Equal(0, rig.Iommu.Counters.Faults);
    }

    [Fact]
    public void OnePasidNeverSeesWhatAnotherHasMapped()
    {
        using var rig = new IommuRig();
        rig.Run(async (host, iommu) =>
        {
            var buffers = new[] { host.Memory.Allocate(0x1000, 0x1000), host.Memory.Allocate(0x1000, 0x1000), host.Memory.Allocate(0x1000, 0x1000) };
            uint?[] pasids = [null, 1, 0xFFFFF];
            for (var i = 0; i < 3; i++)
            {
                var domain = iommu.CreateDomain();
                await iommu.AttachAsync(domain, rig.Id(0), pasids[i]);
                // The same I/O address for all of them, and one more page for the last.
                await iommu.MapAsync(domain, Iova, buffers[i], 0x1000, PagePermissions.ReadWrite);
                if (i == 2) await iommu.MapAsync(domain, Iova + 0x1000, buffers[0], 0x1000, PagePermissions.Read);
            }
            await rig.DoAsync(host, 0, async probe =>
            {
                for (var i = 0; i < 3; i++) await probe.WriteAsync(Iova, IommuRig.Bytes(16, first: 10 * (i + 1)), pasids[i]);
                Assert.True((await probe.ReadAsync(Iova + 0x1000, new byte[4], 0xFFFFF)).IsSuccess);
                Assert.Equal(CompletionStatus.UnsupportedRequest, (await probe.ReadAsync(Iova + 0x1000, new byte[4], 1)).Status);
                Assert.Equal(CompletionStatus.UnsupportedRequest, (await probe.ReadAsync(Iova + 0x1000, new byte[4])).Status);
                Assert.Equal(CompletionStatus.UnsupportedRequest, (await probe.ReadAsync(Iova, new byte[4], 2)).Status);
            });
            for (var i = 0; i < 3; i++) Assert.Equal(IommuRig.Bytes(16, first: 10 * (i + 1)), host.Memory.Span(buffers[i], 16).ToArray());
        });
        Assert.Equal(2, rig.Iommu.Counters.FaultsOf(IommuFaultKind.NotMapped));
        Assert.Equal(1, rig.Iommu.Counters.FaultsOf(IommuFaultKind.NotAttached));
    }

    [Fact]
    public void TheSameRequesterIdInTwoSegmentsIsTwoRequesters()
    {
        var topology = TopologyReader.Read(new SourceText("t.yaml", """
            name: t
            functions:
              probe: { vendor: 0x1d0f, device: 0x20, model: probe, bars: [{ index: 0, size: 4 KiB }] }
            endpoints:
              card: { functions: [probe] }
            hosts:
              host0:
                iommu: {}
                root-complexes:
                  a: { ports: [{ attach: card }] }
                  b: { ports: [{ attach: card }] }
            """));
        var probes = new List<DmaProbe>();
        using var fabric = FabricBuilder.Build(topology, new FabricOptions
        {
            Models = new Dictionary<string, Func<FunctionDefinition, EndpointFunction?>>
            {
                ["probe"] = _ =>
                {
                    probes.Add(new DmaProbe());
                    return probes[^1];
                },
            },
        });
        var results = new bool[2];
        fabric.Hosts["host0"].Run(async host =>
        {
            var buffer = host.Memory.Allocate(0x1000, 0x1000);
            var domain = host.Iommu!.CreateDomain();
            for (var h = 0; h < 2; h++)
            {
                var hierarchy = host.Hierarchies[h];
                var tree = await new Enumerator(host.Configuration[h], new EnumeratorOptions { Memory = hierarchy.Memory, PrefetchableMemory = hierarchy.Prefetchable, Io = hierarchy.Io }).RunAsync();
                var function = tree.Functions.Single(f => !f.IsBridge);
                Assert.Equal(new Addressing.Bdf(1, 0, 0), function.Bdf);
                // Only the second is attached.
                if (h == 1) await host.Iommu.AttachAsync(domain, function.Bdf, hierarchy: 1);
                if (h == 1) await host.Iommu.MapAsync(domain, Iova, buffer, 0x1000, PagePermissions.Read);
                probes[h].Add(async probe => results[probe == probes[1] ? 1 : 0] = (await probe.ReadAsync(Iova, new byte[64])).IsSuccess);
                await host.Write32Async(function.Bars[0].Range.Base, 0);
            }
            var fault = await host.Iommu.NextFaultAsync();
            Assert.Equal(new DeviceId(new Addressing.Bdf(1, 0, 0), 0), fault.Device);
        });
        fabric.Engine.Run();
        Assert.Equal([false, true], results);
    }

    [Fact]
    public void PeersAreReachedThroughMappingsOrPastThemAsThePolicySays()
    {
        foreach (var bypass in new[] { false, true })
        {
            using var rig = new IommuRig(bypass ? "peer-to-peer: bypass" : "");
            rig.Run(async (host, iommu) =>
            {
                var domain = iommu.CreateDomain();
                await iommu.AttachAsync(domain, rig.Id(0));
                var peer = rig.Bar(2) & ~0xFFFul;
                if (bypass) await Assert.ThrowsAsync<InvalidOperationException>(async () => await iommu.MapAsync(domain, peer, peer, 0x1000, PagePermissions.ReadWrite));
                else await iommu.MapAsync(domain, Iova, peer, 0x1000, PagePermissions.ReadWrite);
                var read = new byte[4];
                await rig.DoAsync(host, 2, _ => Task.CompletedTask);
                await rig.DoAsync(host, 0, async probe =>
                {
                    var direct = await probe.ReadAsync(peer, read);
                    Assert.Equal(bypass, direct.IsSuccess);
                    if (!bypass) Assert.True((await probe.ReadAsync(Iova, read)).IsSuccess);
                });
                Assert.Equal(1u, BitConverter.ToUInt32(read));
            });
        }
    }

    [Fact]
    public void LargePagesTakeFewerLevelsAndAreSplitWhenAPartIsUnmapped()
    {
        using var rig = new IommuRig();
        rig.Run(async (host, iommu) =>
        {
            var buffer = host.Memory.Allocate(0x40_0000, 0x20_0000);
            var domain = iommu.CreateDomain();
            await iommu.AttachAsync(domain, rig.Id(0));
            await iommu.MapAsync(domain, Iova, buffer, 0x40_0000, PagePermissions.ReadWrite);
            await rig.DoAsync(host, 0, async probe =>
            {
                await probe.ReadAsync(Iova + 0x1_0000, new byte[64]);
                await probe.ReadAsync(Iova + 0x1F_F000, new byte[64]);
                await probe.ReadAsync(Iova + 0x20_0000, new byte[64]);
            });
            Assert.Equal((2, 6), (rig.Iommu.Counters.Misses, rig.Iommu.Counters.LevelsWalked));

            Assert.Equal(0x1000ul, await iommu.UnmapAsync(domain, Iova + 0x1_0000, 0x1000));
            await rig.DoAsync(host, 0, async probe =>
            {
                Assert.False((await probe.ReadAsync(Iova + 0x1_0000, new byte[64])).IsSuccess);
                Assert.True((await probe.ReadAsync(Iova + 0x1_1000, new byte[64])).IsSuccess);
                Assert.True((await probe.ReadAsync(Iova + 0x20_0000, new byte[64])).IsSuccess);
            });
        });
        // The hole and the small page beside it are walked in full; the other large page is still known.
        Assert.Equal((4, 14), (rig.Iommu.Counters.Misses, rig.Iommu.Counters.LevelsWalked));
    }

    [Fact]
    public void SoftwareIsToldWhatItMayNotAsk()
    {
        using var rig = new IommuRig("interrupts: pass");
        rig.Run(async (host, iommu) =>
        {
            var domain = iommu.CreateDomain();
            await iommu.AttachAsync(domain, rig.Id(0));
            await iommu.MapAsync(domain, Iova, 0x10000, 0x2000, PagePermissions.Read);
            await Assert.ThrowsAsync<InvalidOperationException>(async () => await iommu.MapAsync(domain, Iova + 0x1000, 0x10000, 0x2000, PagePermissions.Read));
            await Assert.ThrowsAsync<InvalidOperationException>(async () => await iommu.MapAsync(domain, 0xFEE0_0000, 0x10000, 0x1000, PagePermissions.Write));
            await Assert.ThrowsAsync<InvalidOperationException>(async () => await iommu.MapAsync(domain, 0x1000, 0xFEE0_0000, 0x1000, PagePermissions.Write));
            await Assert.ThrowsAsync<InvalidOperationException>(async () => await iommu.MapAsync(domain, 1ul << 48, 0, 0x1000, PagePermissions.Write));
            await Assert.ThrowsAsync<InvalidOperationException>(async () => await iommu.AttachAsync(domain, rig.Id(0)));
            await Assert.ThrowsAsync<InvalidOperationException>(async () => await iommu.DetachAsync(rig.Id(1)));
            await Assert.ThrowsAsync<ArgumentException>(async () => await iommu.MapAsync(domain, 0x800, 0, 0x1000, PagePermissions.Write));
            await Assert.ThrowsAsync<ArgumentException>(async () => await iommu.MapAsync(domain, 0, 0, 0x1000, PagePermissions.None));
            Assert.Equal(0ul, await iommu.UnmapAsync(domain, Iova + 0x2000, 0x1000));
            Assert.Equal(0x2000ul, await iommu.UnmapAsync(domain, Iova - 0x1000, 0x8000));
        });
    }

    [Fact]
    public void AReadThatWasUnderWayIsOverWhenItsUnmapIs()
    {
        using var rig = new IommuRig();
        rig.Run(async (host, iommu) =>
        {
            var buffer = host.Memory.Allocate(0x1000, 0x1000);
            var domain = iommu.CreateDomain();
            await iommu.AttachAsync(domain, rig.Id(2));
            // At many phases of a stream of reads: none may see what software writes after it has unmapped.
            for (var round = 0; round < 100; round++)
            {
                await iommu.MapAsync(domain, Iova, buffer, 0x1000, PagePermissions.Read);
                host.Memory.Span(buffer, 4096).Clear();
                var seen = new List<byte[]>();
                var order = rig.Probes[2].Add(async probe =>
                {
                    for (var i = 0; i < 12; i++)
                    {
                        var into = new byte[64];
                        seen.Add(into);
                        await probe.ReadAsync(Iova, into);
                    }
                });
                await host.Write32Async(rig.Bar(2), (uint)order);
                await host.DelayAsync(SimTime.FromNanoseconds(400 + 37 * round));
                await iommu.UnmapAsync(domain, Iova, 0x1000);
                host.Memory.Span(buffer, 4096).Fill(0xEE);
                while (await host.Read32Async(rig.Bar(2)) <= order) await host.DelayAsync(SimTime.FromNanoseconds(200));
                Assert.All(seen, bytes => Assert.DoesNotContain((byte)0xEE, bytes));
            }
        });
        Assert.InRange(rig.Iommu.Counters.FaultsOf(IommuFaultKind.NotMapped), 100, 1100);
    }
}
