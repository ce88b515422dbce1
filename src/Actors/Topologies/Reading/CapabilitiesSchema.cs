using PcieFabric.ConfigSpaces;
using PcieFabric.ConfigSpaces.Capabilities;
using PcieFabric.Documents.Shapes;
using PcieFabric.Input;

namespace PcieFabric.Topologies.Reading;

/// <summary>The keys of a function's capabilities.</summary>
internal static class CapabilitiesSchema
{
    // A capability list of more would not fit below 0x100, nor more DVSECs be of use.
    private const int MostVendorSpecific = 4;
    private const int MostVendorDwords = 16;
    private const int MostDvsecs = 16;
    private const int MostDvsecDwords = 64;

    private static readonly Key<bool> NoSoftReset = Key.Optional("no-soft-reset", Values.Flag, "true", "Keeps its state from D3hot to D0.");
    private static readonly Shape<bool> PowerManagementShape = new RecordShape<bool>("a power-management capability", "Power Management.", [NoSoftReset], fields => fields.Get(NoSoftReset));

    private static readonly Key<int> QueueDepth = Key.Optional("queue-depth", Values.Whole(1, 32), "32", "Invalidate Requests that the function can hold.");
    private static readonly Key<bool> GlobalInvalidate = Key.Optional("global-invalidate", Values.Flag, "false", "Invalidate Requests may speak of all PASIDs.");
    private static readonly Shape<AtsDefinition> AtsShape = new RecordShape<AtsDefinition>("an ATS capability", "Address Translation Services.",
        [QueueDepth, GlobalInvalidate], fields => new(fields.Get(QueueDepth), fields.Get(GlobalInvalidate)));

    private static readonly Key<int> PasidWidth = Key.Optional("width", Values.Whole(1, 20), "20", "Bits of a PASID.");
    private static readonly Key<bool> Execute = Key.Optional("execute", Values.Flag, "false", "Supports execute permission.");
    private static readonly Key<bool> Privileged = Key.Optional("privileged", Values.Flag, "false", "Supports privileged mode.");
    private static readonly Shape<PasidDefinition> PasidShape = new RecordShape<PasidDefinition>("a PASID capability", "Process Address Space ID.",
        [PasidWidth, Execute, Privileged], fields => new(fields.Get(PasidWidth), fields.Get(Execute), fields.Get(Privileged)));

    private static readonly Key<byte> VendorTag = Key.Optional("tag", new WholeNumberShape(0, 0xFF, hexadecimal: true).As(value => (byte)value), "0", "The byte behind the length.");
    private static readonly Key<IReadOnlyList<uint>> VendorData = Key.Required("data", new DwordsShape(MostVendorDwords), "The DWs that follow, read-only.");
    private static readonly Shape<VendorSpecificDefinition> VendorShape = new RecordShape<VendorSpecificDefinition>("a vendor-specific capability",
        "A Vendor-Specific capability.", [VendorTag, VendorData], fields => new(fields.Get(VendorTag), fields.Get(VendorData)));

    private static readonly Key<ushort> DvsecVendor = Key.Required("vendor", Values.Id, "Who defined it.");
    private static readonly Key<ushort> DvsecId = Key.Required("id", Values.Id, "DVSEC ID.");
    private static readonly Key<int> DvsecRevision = Key.Optional("revision", Values.Whole(0, 15), "0", "DVSEC revision.");
    private static readonly Key<IReadOnlyList<uint>> DvsecData = Key.Required("data", new DwordsShape(MostDvsecDwords), "The DWs that follow the headers, read-only.");
    private static readonly Shape<DvsecDefinition> DvsecShape = new RecordShape<DvsecDefinition>("a DVSEC", "Designated Vendor-Specific Extended Capability.",
        [DvsecVendor, DvsecId, DvsecRevision, DvsecData], fields => new(fields.Get(DvsecVendor), fields.Get(DvsecId), fields.Get(DvsecRevision), fields.Get(DvsecData)));

    private static readonly Key<bool> PowerManagement = Key.Absent("power-management", PowerManagementShape, true, "Power Management, which every function has.");
    public static readonly Key<MsiDefinition?> Msi = Maybe("msi", InterruptSchema.Msi, "MSI.");
    public static readonly Key<MsixDefinition?> Msix = Maybe("msix", InterruptSchema.Msix, "MSI-X.");
    private static readonly Key<IReadOnlyList<VendorSpecificDefinition>> VendorSpecific = Several("vendor-specific", VendorShape, MostVendorSpecific, "Vendor-Specific capabilities.");
    private static readonly Key<bool> Aer = Key.Optional("aer", Values.Flag, "false", "Advanced Error Reporting.");
    private static readonly Key<AcsControls> Acs = Key.Absent("acs", Values.Acs, AcsControls.None, "Access Control Services, for functions of a multi-function endpoint.");
    private static readonly Key<ulong?> SerialNumber = Key.Maybe("serial-number", new WholeNumberShape(1, ulong.MaxValue, hexadecimal: true), "Device Serial Number, an EUI-64.");
    private static readonly Key<AtsDefinition?> Ats = Maybe("ats", AtsShape, "Address Translation Services.");
    private static readonly Key<Located<int>> TotalVfs = Key.Required("total-vfs", new LocatedShape<int>(Values.Whole(1, 0xFFFF)), "Virtual functions at most; software enables some or all.");
    private static readonly Key<ushort> VfDevice = Key.Required("vf-device", Values.Id, "Device id of the virtual functions.");
    private static readonly Key<int> FirstVfOffset = Key.Optional("first-vf-offset", Values.Whole(1, 0xFFFF), "8", "From the Routing ID of the function to that of its first VF.");
    private static readonly Key<int> VfStride = Key.Optional("vf-stride", Values.Whole(1, 0xFFFF), "1", "From the Routing ID of one VF to the next.");
    private static readonly Key<string> VfModel = Key.Optional("model", new NameShape(), SrIovDefinition.Memory, "What gives each virtual function its behaviour, as of a function.");
    private static readonly Shape<SrIovDefinition> SrIovShape = new RecordShape<SrIovDefinition>("an SR-IOV capability", "Single Root I/O Virtualization: virtual functions, which are there once software has enabled them.",
        [TotalVfs, VfDevice, FirstVfOffset, VfStride, VfModel, BarSchema.Bars, Msi, Msix, Aer, Acs, Ats, SettingsSchema.Settings], MakeSrIov);
    private static readonly Key<SrIovDefinition?> SrIov = Maybe("sr-iov", SrIovShape, "SR-IOV.");
    private static readonly Key<PasidDefinition?> Pasid = Maybe("pasid", PasidShape, "Process Address Space ID.");
    private static readonly Key<bool> Ltr = Key.Optional("ltr", Values.Flag, "false", "Latency Tolerance Reporting.");
    private static readonly Key<IReadOnlyList<DvsecDefinition>> Dvsecs = Several("dvsec", DvsecShape, MostDvsecs, "Designated Vendor-Specific Extended Capabilities.");

    public static readonly Shape<(CapabilitiesDefinition Value, Fields Fields)> Shape = new RecordShape<(CapabilitiesDefinition, Fields)>("capabilities",
        "Optional capabilities of a function. PCI Express itself, and ARI where the endpoint has it, are always there.",
        [PowerManagement, Msi, Msix, VendorSpecific, Aer, Acs, SerialNumber, SrIov, Ats, Pasid, Ltr, Dvsecs],
        fields => (new CapabilitiesDefinition
        {
            NoSoftReset = fields.Get(PowerManagement),
            Msi = fields.Get(Msi),
            Msix = fields.Get(Msix),
            VendorSpecific = fields.Get(VendorSpecific),
            Aer = fields.Get(Aer),
            Acs = fields.Get(Acs),
            SerialNumber = fields.Get(SerialNumber),
            SrIov = fields.Get(SrIov),
            Ats = fields.Get(Ats),
            Pasid = fields.Get(Pasid),
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
        var bars = fields.Get(BarSchema.Bars);
        foreach (var (bar, at) in bars)
        {
            if (bar.Kind == BarKind.Io || bar.Size < 4096 || bar.ResizableSizes != 0)
                throw new InputException($"VF BAR{bar.Index} must be memory of at least 4 KiB, of one size", "a virtual function's BAR is mapped by pages", at);
        }
        var total = fields.Get(TotalVfs);
        var made = new SrIovDefinition
        {
            Options = new SrIovOptions
            {
                TotalVfs = total.Value,
                VfDeviceId = fields.Get(VfDevice),
                FirstVfOffset = fields.Get(FirstVfOffset),
                VfStride = fields.Get(VfStride),
                VfBars = BarSchema.Checked(bars),
            },
            Model = fields.Get(VfModel),
            ModelSource = fields.At(VfModel),
            Capabilities = new CapabilitiesDefinition { Msi = fields.Get(Msi), Msix = fields.Get(Msix), Aer = fields.Get(Aer), Acs = fields.Get(Acs), Ats = fields.Get(Ats) },
            Settings = SettingsSchema.Of(fields),
        };
        if (made.Options.FirstVfOffset + (made.Options.TotalVfs - 1L) * made.Options.VfStride > 0xFFFF)
            throw new InputException("the last VF's Routing ID does not fit into 16 bits", "fewer VFs, or a smaller stride", total.At);
        if (made.Model != SrIovDefinition.Memory && made.Options.TotalVfs > Limits.MaxModelledVirtualFunctions)
            throw new InputException($"{made.Options.TotalVfs} virtual functions cannot all be '{made.Model}'", $"{Limits.MaxModelledVirtualFunctions} at most; more can be 'model: {SrIovDefinition.Memory}'", total.At);
        if (made.Capabilities.Msix is { } msix)
            FunctionSchema.CheckMsix(msix, made.Options.VfBars, fields.At(Msix));
        return made;
    }
}
