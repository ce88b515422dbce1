using PcieFabric.Addressing;
using PcieFabric.AddressTranslation;
using PcieFabric.Engine;
using PcieFabric.Iommus;
using PcieFabric.Recording;
using PcieFabric.Units;

namespace PcieFabric.Actors.Tests.Iommus;

public sealed class IommuTextTests
{
    [Fact]
    public void CommandsAndReportsAreReadable()
    {
        var map = new IommuCommand { Operation = IommuOperation.Map, Sequence = 4, Base = 0x1000, Size = 0x2000, Address = 0x8000, Permissions = PagePermissions.ReadWrite, Domain = 2 };
        Assert.Equal("iommu #4 Map [0x1000, 0x2fff] to 0x8000 ReadWrite domain=2", MessageText.Describe(Message.Of(MessageKind.IommuCommand, in map)));
        var attach = new IommuCommand { Operation = IommuOperation.Attach, Sequence = 5, Device = new DeviceId(new Bdf(3, 0, 1)), Pasid = 0x12, Domain = 2, InvalidateDepth = 32 };
        Assert.Equal("iommu #5 Attach 03:00.1 pasid=0x12 domain=2 ats=32", MessageText.Describe(Message.Of(MessageKind.IommuCommand, in attach)));
        var fault = new IommuFault(0xABC0, SimTime.FromNanoseconds(7), new DeviceId(new Bdf(3, 0, 1)), DeviceId.NoPasid, IommuFaultKind.NotMapped, isWrite: true);
        var report = new IommuReport(0, fault, 6, IommuStatus.Done);
        Assert.Equal("iommu #6 Done bytes=0x0 fault NotMapped 03:00.1 write 0xabc0 at 7 ns", MessageText.Describe(Message.Of(MessageKind.IommuReport, in report)));
    }
}
