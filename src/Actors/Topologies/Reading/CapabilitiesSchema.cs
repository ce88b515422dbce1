using PcieFabric.Documents.Shapes;
using PcieFabric.Input;

namespace PcieFabric.Topologies.Reading;

/// <summary>The keys of a function's capabilities.</summary>
internal static class CapabilitiesSchema
{
    // A capability list of more would not fit below 0x100, nor more DVSECs be of use.
    private const int MostVendorSpecific = 4;
    private const int MostVendorBytes = 60;
    private const int MostDvsecs = 16;
    private const int MostDvsecBytes = 256;

    private static readonly Key<bool> D1 = Key.Optional("d1", Values.Flag, "false", "Supports D1.");
    private static readonly Key<bool> D2 = Key.Optional("d2", Values.Flag, "false", "Supports D2.");
    private static readonly Key<bool> NoSoftReset = Key.Optional("no-soft-reset", Values.Flag, "true", "Keeps its state from D3hot to D0.");
    private static readonly Shape<PowerManagementDefinition> PowerManagementShape = new RecordShape<PowerManagementDefinition>("a power-management capability",
        "Power Management.", [D1, D2, NoSoftReset], fields => new(fields.Get(D1), fields.Get(D2), fields.Get(NoSoftReset)));

    private static readonly Key<bool> Ecrc = Key.Optional("ecrc", Values.Flag, "true", "ECRC can be generated and checked.");
    private static readonly Shape<AerDefinition> AerShape = new RecordShape<AerDefinition>("an AER capability", "Advanced Error Reporting.", [Ecrc], fields => new(fields.Get(Ecrc)));

    private static readonly Key<int> QueueDepth = Key.Optional("queue-depth", Values.Whole(1, 32), "32", "Invalidate Requests that the function can hold.");
    private static readonly Key<bool> PageAligned = Key.Optional("page-aligned", Values.Flag, "true", "Untranslated addresses are aligned to 4 KiB.");
    private static readonly Shape<AtsDefinition> AtsShape = new RecordShape<AtsDefinition>("an ATS capability", "Address Translation Services.",
        [QueueDepth, PageAligned], fields => new(fields.Get(QueueDepth), fields.Get(PageAligned)));

    private static readonly Key<int> PasidWidth = Key.Optional("width", Values.Whole(1, 20), "20", "Bits of a PASID.");
    private static readonly Key<bool> Execute = Key.Optional("execute", Values.Flag, "false", "Supports execute permission.");
    private static readonly Key<bool> Privileged = Key.Optional("privileged", Values.Flag, "false", "Supports privileged mode.");
    private static readonly Shape<PasidDefinition> PasidShape = new RecordShape<PasidDefinition>("a PASID capability", "Process Address Space ID.",
        [PasidWidth, Execute, Privileged], fields => new(fields.Get(PasidWidth), fields.Get(Execute), fields.Get(Privileged)));

    private static readonly Key<int> ResizedBar = Key.Required("bar", Values.Whole(0, 5), "Index of the memory BAR; its own size is the one after reset.");
    private static readonly Key<IReadOnlyList<ulong>> Sizes = Key.Required("sizes",
        new ListShape<ulong>(Values.PowerOfTwo(1UL << 20, 1UL << 47), 28, least: 1), "Sizes that software can choose.");
    private static readonly Shape<ResizableBarDefinition> ResizableBarShape = new RecordShape<ResizableBarDefinition>("a resizable BAR", "A BAR of the Resizable BAR capability.",
        [ResizedBar, Sizes], fields => new(fields.Get(ResizedBar), [.. fields.Get(Sizes).Order()]));

    private static readonly Key<IReadOnlyList<byte>> VendorData = Key.Required("data", new BytesShape(MostVendorBytes), "What follows the header, read-only.");
    private static readonly Shape<VendorSpecificDefinition> VendorShape = new RecordShape<VendorSpecificDefinition>("a vendor-specific capability",
        "A Vendor-Specific capability.", [VendorData], fields => new(fields.Get(VendorData)));

    private static readonly Key<ushort> DvsecVendor = Key.Required("vendor", Values.Id, "Who defined it.");
    private static readonly Key<ushort> DvsecId = Key.Required("id", Values.Id, "DVSEC ID.");
    private static readonly Key<int> DvsecRevision = Key.Optional("revision", Values.Whole(0, 15), "0", "DVSEC revision.");
    private static readonly Key<IReadOnlyList<byte>> DvsecData = Key.Required("data", new BytesShape(MostDvsecBytes), "What follows the headers, read-only.");
    private static readonly Shape<DvsecDefinition> DvsecShape = new RecordShape<DvsecDefinition>("a DVSEC", "Designated Vendor-Specific Extended Capability.",
        [DvsecVendor, DvsecId, DvsecRevision, DvsecData], fields => new(fields.Get(DvsecVendor), fields.Get(DvsecId), fields.Get(DvsecRevision), fields.Get(DvsecData)));

    private static readonly Key<int> TotalVfs = Key.Required("total-vfs", Values.Whole(1, 0xFFFF), "Virtual functions at most.");
    private static readonly Key<ushort> VfDevice = Key.Required("vf-device", Values.Id, "Device id of the virtual functions.");
    private static readonly Key<int> FirstVfOffset = Key.Optional("first-vf-offset", Values.Whole(1, 0xFFFF), "8", "From the Routing ID of the function to that of its first VF.");
    private static readonly Key<int> VfStride = Key.Optional("vf-stride", Values.Whole(1, 0xFFFF), "1", "From the Routing ID of one VF to the next.");
    private static readonly Shape<SrIovDefinition> SrIovShape = new RecordShape<SrIovDefinition>("an SR-IOV capability", "Single Root I/O Virtualization.",
        [TotalVfs, VfDevice, FirstVfOffset, VfStride, BarSchema.Bars], MakeSrIov);

    private static readonly Key<PowerManagementDefinition?> PowerManagement = Maybe("power-management", PowerManagementShape, "Power Management.");
    public static readonly Key<MsiDefinition?> Msi = Maybe("msi", InterruptSchema.Msi, "MSI.");
    public static readonly Key<MsixDefinition?> Msix = Maybe("msix", InterruptSchema.Msix, "MSI-X.");
    private static readonly Key<IReadOnlyList<VendorSpecificDefinition>> VendorSpecific = Several("vendor-specific", VendorShape, MostVendorSpecific, "Vendor-Specific capabilities.");
    private static readonly Key<AerDefinition?> Aer = Maybe("aer", AerShape, "Advanced Error Reporting.");
    private static readonly Key<AcsControls> Acs = Key.Absent("acs", Values.Acs, AcsControls.None, "Access Control Services, for functions of a multi-function endpoint.");
    private static readonly Key<ulong?> SerialNumber = Key.Maybe("serial-number", new WholeNumberShape(1, ulong.MaxValue, hexadecimal: true), "Device Serial Number, an EUI-64.");
    private static readonly Key<SrIovDefinition?> SrIov = Maybe("sr-iov", SrIovShape, "SR-IOV.");
    private static readonly Key<AtsDefinition?> Ats = Maybe("ats", AtsShape, "Address Translation Services.");
    private static readonly Key<PasidDefinition?> Pasid = Maybe("pasid", PasidShape, "Process Address Space ID.");
    public static readonly Key<IReadOnlyList<ResizableBarDefinition>> ResizableBars = Several("resizable-bar", ResizableBarShape, 6, "BARs whose size software can choose.");
    private static readonly Key<bool> Ltr = Key.Optional("ltr", Values.Flag, "false", "Latency Tolerance Reporting.");
    private static readonly Key<IReadOnlyList<DvsecDefinition>> Dvsecs = Several("dvsec", DvsecShape, MostDvsecs, "Designated Vendor-Specific Extended Capabilities.");

    public static readonly Shape<(CapabilitiesDefinition Value, Fields Fields)> Shape = new RecordShape<(CapabilitiesDefinition, Fields)>("capabilities",
        "Optional capabilities of a function. PCI Express itself, and ARI where the endpoint has it, are always there.",
        [PowerManagement, Msi, Msix, VendorSpecific, Aer, Acs, SerialNumber, SrIov, Ats, Pasid, ResizableBars, Ltr, Dvsecs],
        fields => (new CapabilitiesDefinition
        {
            PowerManagement = fields.Get(PowerManagement),
            Msi = fields.Get(Msi),
            Msix = fields.Get(Msix),
            VendorSpecific = fields.Get(VendorSpecific),
            Aer = fields.Get(Aer),
            Acs = fields.Get(Acs),
            SerialNumber = fields.Get(SerialNumber),
            SrIov = fields.Get(SrIov),
            Ats = fields.Get(Ats),
            Pasid = fields.Get(Pasid),
            ResizableBars = fields.Get(ResizableBars),
            Ltr = fields.Get(Ltr),
            Dvsecs = fields.Get(Dvsecs),
        }, fields));

    private static Key<T?> Maybe<T>(string name, Shape<T> shape, string documentation)
        where T : class =>
        Key.Absent<T?>(name, shape.As(value => (T?)value), null, documentation);

    private static Key<IReadOnlyList<T>> Several<T>(string name, Shape<T> shape, int most, string documentation) =>
        Key.Absent<IReadOnlyList<T>>(name, new ListShape<T>(shape, most), [], documentation);

    private static SrIovDefinition MakeSrIov(Fields fields)
    {
        var bars = BarSchema.Checked(fields.Get(BarSchema.Bars));
        foreach (var bar in bars)
        {
            if (bar.Type == BarType.Io || bar.SizeBytes < 4096)
                throw new InputException($"VF BAR{bar.Index} must be memory of at least 4 KiB", "a virtual function's BAR is mapped by pages", bar.Source);
        }
        var made = new SrIovDefinition(fields.Get(TotalVfs), fields.Get(VfDevice), fields.Get(FirstVfOffset), fields.Get(VfStride), bars);
        return made.LastVfOffset <= 0xFFFF
            ? made
            : throw new InputException("the last VF's Routing ID does not fit into 16 bits", "fewer VFs, or a smaller stride", fields.At(TotalVfs));
    }
}
