using PcieFabric.AddressTranslation;
using PcieFabric.Iommus;
using PcieFabric.Tlps;
using PcieFabric.Units;

namespace PcieFabric.Actors.Tests.Iommus;

public sealed class IommuFaultTests
{
    private const ulong ReadOnlyPage = 0x10_0000, WriteOnlyPage = 0x10_1000, Hole = 0x10_2000, Untouched = 0x200_0000;

    public static TheoryData<IommuFaultKind, ulong, bool, AddressType, uint?> Faults => new()
    {
        { IommuFaultKind.NotMapped, Hole, false, AddressType.Untranslated, null },
        { IommuFaultKind.NotMapped, Hole, true, AddressType.Untranslated, null },
        { IommuFaultKind.NotMapped, 1ul << 52, false, AddressType.Untranslated, null },
        { IommuFaultKind.NotAttached, ReadOnlyPage, false, AddressType.Untranslated, 7 },
        { IommuFaultKind.ReadForbidden, WriteOnlyPage, false, AddressType.Untranslated, null },
        { IommuFaultKind.WriteForbidden, ReadOnlyPage, true, AddressType.Untranslated, null },
        { IommuFaultKind.TranslatedForbidden, Untouched, false, AddressType.Translated, null },
        { IommuFaultKind.TranslatedForbidden, Untouched, true, AddressType.Translated, null },
        { IommuFaultKind.TranslationRequestForbidden, ReadOnlyPage, false, AddressType.TranslationRequest, null },
        { IommuFaultKind.InterruptForbidden, 0xFEE0_1000, false, AddressType.Untranslated, null },
        { IommuFaultKind.InterruptForbidden, 0xFEE0_1000, true, AddressType.Untranslated, 3 },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void AForbiddenAccessIsRefusedRecordedCountedAndTold(IommuFaultKind kind, ulong address, bool isWrite, AddressType type, uint? pasid)
    {
        using var rig = new IommuRig();
        rig.Run(async (host, iommu) =>
        {
            host.Memory.Span(Untouched, 16).Fill(0x5A);
            var buffer = host.Memory.Allocate(0x2000, 0x1000);
            var domain = iommu.CreateDomain();
            await iommu.AttachAsync(domain, rig.Id(0));
            await iommu.MapAsync(domain, ReadOnlyPage, buffer, 0x1000, PagePermissions.Read);
            await iommu.MapAsync(domain, WriteOnlyPage, buffer + 0x1000, 0x1000, PagePermissions.Write);
            var read = new byte[8];
            var next = iommu.NextFaultAsync();
            var before = host.Now;
            var refused = rig.RootComplex.Counters.UnsupportedRequests;
            await rig.DoAsync(host, 0, async probe =>
            {
                if (isWrite) await probe.WriteAsync(address, IommuRig.Bytes(8), pasid, type);
                else Assert.Equal(CompletionStatus.UnsupportedRequest, (await probe.ReadAsync(address, read, pasid, type)).Status);
            });
            var fault = await next;
            Assert.Equal((kind, address, isWrite, pasid, rig.Id(0)), (fault.Kind, fault.Address, fault.IsWrite, fault.Pasid, fault.Device.Requester));
            Assert.InRange(fault.Time.Picoseconds, before.Picoseconds, host.Now.Picoseconds);
            Assert.False(fault.FollowsLoss);
            Assert.Equal(refused + 1, rig.RootComplex.Counters.UnsupportedRequests);
            Assert.Equal(1, iommu.FaultInterrupt.Count);
            Assert.Null(await iommu.TakeFaultAsync());
            Assert.Equal(new byte[8], read);
            Assert.Equal(new byte[0x2000], host.Memory.Span(buffer, 0x2000).ToArray());
            Assert.All(host.Memory.Span(Untouched, 16).ToArray(), b => Assert.Equal(0x5A, b));
        });
        Assert.Equal((1, 1), (rig.Iommu.Counters.FaultsOf(kind), rig.Iommu.Counters.Faults));
    }

    [Fact]
    public void AnAtomicNeedsBothPermissions()
    {
        using var rig = new IommuRig();
        rig.Run(async (host, iommu) =>
        {
            var domain = iommu.CreateDomain();
            await iommu.AttachAsync(domain, rig.Id(0));
            await iommu.MapAsync(domain, ReadOnlyPage, 0x10000, 0x1000, PagePermissions.Read);
            await iommu.MapAsync(domain, WriteOnlyPage, 0x11000, 0x1000, PagePermissions.Write);
            await rig.DoAsync(host, 0, async probe =>
            {
                Assert.Equal(CompletionStatus.UnsupportedRequest, (await probe.FetchAddAsync(ReadOnlyPage, 1)).Status);
                Assert.Equal(CompletionStatus.UnsupportedRequest, (await probe.FetchAddAsync(WriteOnlyPage, 1)).Status);
            });
            Assert.Equal(IommuFaultKind.WriteForbidden, (await iommu.NextFaultAsync()).Kind);
            Assert.Equal(IommuFaultKind.ReadForbidden, (await iommu.NextFaultAsync()).Kind);
            Assert.Equal(0u, BitConverter.ToUInt32(host.Memory.Span(0x10000, 4)) | BitConverter.ToUInt32(host.Memory.Span(0x11000, 4)));
        });
    }

    [Fact]
    public void BlockedInterruptsAreFaults()
    {
        using var rig = new IommuRig("interrupts: block");
        rig.Run(async (host, iommu) =>
        {
            var vector = host.Interrupts.Allocate(1)[0];
            await rig.DoAsync(host, 0, async probe => await probe.WriteAsync(vector.MessageAddress, BitConverter.GetBytes(vector.MessageData)));
            var fault = await iommu.NextFaultAsync();
            Assert.Equal((IommuFaultKind.InterruptForbidden, true), (fault.Kind, fault.IsWrite));
            Assert.Equal(0, vector.Count);
        });
    }

    [Fact]
    public void AFullQueueLosesFaultsAndSaysSo()
    {
        using var rig = new IommuRig("fault-records: 4");
        rig.Run(async (host, iommu) =>
        {
            _ = iommu.FaultInterrupt;
            await rig.DoAsync(host, 0, async probe =>
            {
                for (var i = 0u; i < 10; i++) await probe.WriteAsync(0x1000 * i, new byte[4]);
            });
            for (var i = 0u; i < 4; i++) Assert.Equal((0x1000 * i, false), (await iommu.NextFaultAsync()) is var fault ? (fault.Address, fault.FollowsLoss) : default);
            Assert.Null(await iommu.TakeFaultAsync());
            Assert.Equal(1, iommu.FaultInterrupt.Count);
            await rig.DoAsync(host, 0, async probe => await probe.WriteAsync(0xABC000, new byte[4]));
            var after = await iommu.NextFaultAsync();
            Assert.Equal((0xABC000ul, true), (after.Address, after.FollowsLoss));
            await host.DelayAsync(SimTime.FromMicroseconds(1));
            Assert.Equal(2, iommu.FaultInterrupt.Count);
        });
        Assert.Equal((11, 6), (rig.Iommu.Counters.Faults, rig.Iommu.Counters.FaultsLost));
    }

    [Fact]
    public void ADetachedFunctionReachesNothing()
    {
        using var rig = new IommuRig();
        rig.Run(async (host, iommu) =>
        {
            var domain = iommu.CreateDomain();
            await iommu.AttachAsync(domain, rig.Id(0));
            await iommu.MapAsync(domain, ReadOnlyPage, 0x10000, 0x1000, PagePermissions.ReadWrite);
            await rig.DoAsync(host, 0, async probe => Assert.True((await probe.ReadAsync(ReadOnlyPage, new byte[4])).IsSuccess));
            await iommu.DetachAsync(rig.Id(0));
            await rig.DoAsync(host, 0, async probe => Assert.False((await probe.ReadAsync(ReadOnlyPage, new byte[4])).IsSuccess));
            Assert.Equal(IommuFaultKind.NotAttached, (await iommu.NextFaultAsync()).Kind);
            await iommu.AttachAsync(domain, rig.Id(0));
            await rig.DoAsync(host, 0, async probe => Assert.True((await probe.ReadAsync(ReadOnlyPage, new byte[4])).IsSuccess));
        });
    }
}
