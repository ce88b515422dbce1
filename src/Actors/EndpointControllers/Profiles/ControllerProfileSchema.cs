using PcieFabric.Documents.Shapes;
using PcieFabric.Input;

namespace PcieFabric.EndpointControllers.Profiles;

/// <summary>The keys of a controller's profile.</summary>
public static class ControllerProfileSchema
{
    private const ulong LargestBar = 1ul << 47;

    private static readonly Shape<bool> Flag = new FlagShape();
    private static readonly Shape<string> Text = new TextShape();
    private static readonly Shape<ushort> Id = new WholeNumberShape(0, 0xFFFF, hexadecimal: true).As(value => (ushort)value);

    private static readonly Key<string> Name = Key.Required("name", new NameShape(), "What topologies call the controller.");
    private static readonly Key<string> Description = Key.Absent("description", Text, "", "For people.");
    private static readonly Key<IReadOnlyList<string>> Compatible = Key.Absent<IReadOnlyList<string>>("compatible", new ListShape<string>(Text, 16), [], "Device tree names of the hardware.");

    private static readonly Key<ushort> Vendor = Key.Required("vendor", Id, "Vendor id.");
    private static readonly Key<ushort> Device = Key.Required("device", Id, "Device id.");
    private static readonly Key<(ushort Vendor, ushort Device)> HostId = Key.Required("host-id",
        new RecordShape<(ushort, ushort)>("a host id", "Vendor and device id.", [Vendor, Device], fields => (fields.Get(Vendor), fields.Get(Device))),
        "The entry of the host's pci_endpoint_test driver that fits the controller.");

    private static readonly Key<bool> Msi = Key.Optional("msi", Flag, "true", "MSI.");
    private static readonly Key<bool> MsiX = Key.Optional("msix", Flag, "false", "MSI-X.");
    private static readonly Key<IntxSupport> Intx = Key.Optional("intx",
        new ChoiceShape<IntxSupport>(
            new("none", IntxSupport.None, "raising it is refused"),
            new("undeclared", IntxSupport.Undeclared, "it works, and the features do not say so"),
            new("declared", IntxSupport.Declared, "it works")),
        "none", "INTx.");

    private static readonly Key<InterruptProfile> Interrupts = Key.Required("interrupts",
        new RecordShape<InterruptProfile>("interrupts", "What the controller can send.", [Msi, MsiX, Intx], fields => new(fields.Get(Msi), fields.Get(MsiX), fields.Get(Intx))),
        "Interrupts that the controller can send.");

    private static readonly Key<bool> LinkUpNotifier = Key.Optional("link-up-notifier", Flag, "false", "Functions are told when the link comes up and goes down.");

    private static readonly Key<int> Windows = Key.Required("windows", Whole(1, Limits.MaxTranslationWindows), "Translations at a time.");
    private static readonly Key<bool> Dynamic = Key.Optional("dynamic", Flag, "false", "A BAR can be mapped anew while the host uses it.");
    private static readonly Key<bool> Subranges = Key.Optional("subranges", Flag, "false", "A BAR can be mapped in parts.");
    private static readonly Key<ulong> Alignment = Key.Optional("alignment", PowerOfTwo(1, 1 << 20), "1 B", "Of local addresses and of parts.");
    private static readonly Key<InboundProfile> Inbound = Key.Required("inbound",
        new RecordShape<InboundProfile>("an inbound translation", "How BARs are translated to local addresses.", [Windows, Dynamic, Subranges, Alignment], MakeInbound),
        "How BARs are translated to local addresses.");

    private static readonly Key<ulong> Page = Key.Optional("page", PowerOfTwo(1, 1 << 30), "4 KiB", "Windows start at multiples of it and are a whole number of them long.");
    private static readonly Key<ulong> Largest = Key.Optional("largest", PowerOfTwo(1, 1ul << 40), "4 GiB", "Size of the largest window.");
    private static readonly Key<bool> AlignsAddresses = Key.Optional("aligns-addresses", Flag, "false", "Software is told how to align a bus address, and so can reach any.");
    private static readonly Key<OutboundProfile> Outbound = Key.Required("outbound",
        new RecordShape<OutboundProfile>("an outbound translation", "How local addresses are translated to bus addresses.", [Windows, Page, Largest, AlignsAddresses], MakeOutbound),
        "How local addresses are translated to bus addresses.");

    private static readonly Key<int> MaxFunctions = Key.Optional("functions", Whole(1, Limits.MaxFunctions), "1", "Physical functions at most.");

    private static readonly Key<int> VirtualCount = Key.Required("count", Whole(1, 255), "For each physical function at most.");
    private static readonly Key<string?> VirtualFeatures = Key.Absent<string?>("features", new NameShape().As(value => (string?)value), null,
        "The profile of those that come with the project that says what a virtual function can do, where it differs. INTx it can never raise.");

    private static readonly Key<VirtualFunctionProfile?> VirtualFunctions = Key.Absent<VirtualFunctionProfile?>("virtual-functions",
        new RecordShape<VirtualFunctionProfile>("virtual functions", "SR-IOV.", [VirtualCount, VirtualFeatures], MakeVirtualFunctions).As(value => (VirtualFunctionProfile?)value), null,
        "Virtual functions; none if left out.");

    private static readonly Key<DmaKind> DmaKindKey = Key.Required("kind",
        new ChoiceShape<DmaKind>(
            new("memory-copy", DmaKind.MemoryCopy, "from local address to local address, outbound windows included"),
            new("edma", DmaKind.Embedded, "DesignWare's eDMA, between local memory and the bus")),
        "What it is.");

    private static readonly Key<int> WriteChannels = Key.Absent("write-channels", Whole(1, Limits.MaxDmaChannels), 0, "Of an eDMA: from local memory to the bus.");
    private static readonly Key<int> ReadChannels = Key.Absent("read-channels", Whole(1, Limits.MaxDmaChannels), 0, "Of an eDMA: from the bus to local memory.");
    private static readonly Key<DmaProfile> Dma = Key.Absent("dma",
        new RecordShape<DmaProfile>("a DMA engine", "What copies for functions.", [DmaKindKey, WriteChannels, ReadChannels], MakeDma),
        DmaProfile.None, "The DMA engine beside the controller; without one functions copy by themselves.");

    private static readonly Key<IReadOnlyList<bool>> DoorbellKinds = Key.Required("kinds",
        new ListShape<bool>(new ChoiceShape<bool>(new("its", true, "immutable messages from the host"), new("ims", false, "messages in a store, which software masks and changes")), 2, least: 1),
        "What it makes of a host's write.");

    private static readonly Key<int> Doorbells = Key.Optional("doorbells", Whole(1, Limits.MaxDoorbells), "256", "That one function can have.");
    private static readonly Shape<InterruptControllerProfile?> MessageController = new RecordShape<InterruptControllerProfile?>("an interrupt controller", "Beside the endpoint controller.", [DoorbellKinds, Doorbells],
        fields => new(fields.Get(DoorbellKinds).Contains(true), fields.Get(DoorbellKinds).Contains(false), fields.Get(Doorbells)));

    private static readonly Key<InterruptControllerProfile?> InterruptController = Key.Absent("interrupt-controller", MessageController, null,
        "Turns writes of the host into interrupts of functions' software: doorbells.");

    private static readonly Key<AuxiliaryResourceKind> Kind = Key.Required("kind",
        new ChoiceShape<AuxiliaryResourceKind>(
            new("dma-control", AuxiliaryResourceKind.DmaControl), new("msix-table", AuxiliaryResourceKind.MsiXTable), new("msix-pba", AuxiliaryResourceKind.MsiXPendingBits)),
        "What stands there.");

    private static readonly Key<ulong> Offset = Key.Required("offset", new OffsetShape(LargestBar), "In the BAR.");
    private static readonly Key<ulong> ResourceSize = Key.Required("size", new OffsetShape(LargestBar), "In bytes.");
    private static readonly Shape<AuxiliaryResource> Resource = new RecordShape<AuxiliaryResource>("an auxiliary resource", "A part of a reserved BAR.", [Kind, Offset, ResourceSize],
        fields => new(fields.Get(Kind), fields.Get(Offset), fields.Get(ResourceSize)));

    private static readonly Choice<BarUse>[] SimpleUses =
    [
        new("programmable", BarUse.Programmable, "any size that is a power of two"),
        new("resizable", BarUse.Resizable, "by the Resizable BAR capability, 1 MiB at least"),
        new("reserved", BarUse.Reserved, "kept by the hardware"),
        new("disabled", BarUse.Disabled, "not there"),
        new("upper-half", BarUse.UpperHalf, "the second register of the 64-bit BAR before it"),
    ];

    private static readonly Shape<BarUse> SimpleUse = new ChoiceShape<BarUse>(SimpleUses);
    private static readonly Shape<BarUse> UseShape = new ChoiceShape<BarUse>([.. SimpleUses, new("fixed", BarUse.Fixed, "one size")]);

    private static readonly Key<BarUse> Use = Key.Required("use", UseShape, "What functions may do with it.");
    private static readonly Key<ulong> Size = Key.Absent("size", PowerOfTwo(128, LargestBar), 0ul, "Of a fixed BAR, or of a reserved one that the host sees.");
    private static readonly Key<bool> Only64Bit = Key.Optional("only-64-bit", Flag, "false", "It cannot be a 32-bit BAR.");
    private static readonly Key<IReadOnlyList<AuxiliaryResource>> Resources = Key.Absent<IReadOnlyList<AuxiliaryResource>>("resources", new ListShape<AuxiliaryResource>(Resource, 8), [], "What the hardware keeps in a reserved BAR.");

    private static readonly Shape<BarProfile> Bar = new EitherShape<BarProfile>(
        SimpleUse.As(use => new BarProfile { Use = use }),
        new RecordShape<BarProfile>("a controller BAR", "One base address register.", [Use, Size, Only64Bit, Resources], MakeBar));

    private static readonly Key<IReadOnlyList<BarProfile>> Bars = Key.Required("bars", new ListShape<BarProfile>(Bar, ControllerProfile.BarCount, least: ControllerProfile.BarCount), "BAR 0 to 5.");

    private static readonly Key[] Unnamed = [Description, Compatible, HostId, Interrupts, LinkUpNotifier, Inbound, Outbound, MaxFunctions, VirtualFunctions, Dma, InterruptController, Bars];

    /// <summary>A file of its own.</summary>
    internal static readonly Shape<ControllerProfile> Shape = new RecordShape<ControllerProfile>("a controller", "What an endpoint controller can do.",
        [Name, .. Unnamed], fields => Make(fields) with { Name = fields.Get(Name) });

    /// <summary>An entry of a table, which gives the name.</summary>
    internal static readonly Shape<ControllerProfile> Entry = new RecordShape<ControllerProfile>("a controller entry", "What an endpoint controller can do.", Unnamed, Make);

    /// <summary>The JSON schema of profiles, as editors read it.</summary>
    public static string ToJson() => SchemaDefinitions.Document("PcieFabric endpoint controller", Shape);

    private static InboundProfile MakeInbound(Fields fields)
    {
        var inbound = new InboundProfile(fields.Get(Windows), fields.Get(Dynamic), fields.Get(Subranges), fields.Get(Alignment));
        return inbound is { HasSubranges: true, IsDynamic: false }
            ? throw new InputException("'subranges' needs 'dynamic'", "a BAR is mapped in parts only after the host gave it an address", fields.At(Subranges))
            : inbound;
    }

    private static OutboundProfile MakeOutbound(Fields fields)
    {
        var outbound = new OutboundProfile(fields.Get(Windows), fields.Get(Page), fields.Get(Largest), fields.Get(AlignsAddresses));
        return outbound.LargestBytes < outbound.PageBytes
            ? throw new InputException("'largest' is smaller than 'page'", "a window is a whole number of pages long", fields.At(Largest))
            : outbound;
    }

    private static VirtualFunctionProfile MakeVirtualFunctions(Fields fields)
    {
        var made = new VirtualFunctionProfile(fields.Get(VirtualCount), fields.Get(VirtualFeatures));
        return made.Features is null || ControllerProfiles.Names.Contains(made.Features)
            ? made
            : throw new InputException($"there is no controller '{made.Features}'", DidYouMean.For(made.Features, ControllerProfiles.Names) ?? "one of config/controllers", fields.At(VirtualFeatures));
    }

    private static DmaProfile MakeDma(Fields fields)
    {
        var dma = new DmaProfile(fields.Get(DmaKindKey), fields.Get(WriteChannels), fields.Get(ReadChannels));
        if (dma.Kind == DmaKind.Embedded && (dma.WriteChannels == 0 || dma.ReadChannels == 0)) throw new InputException("an eDMA needs 'write-channels' and 'read-channels'", $"1 to {Limits.MaxDmaChannels} of each", fields.Location);
        if (dma.Kind != DmaKind.Embedded && dma.WriteChannels + dma.ReadChannels > 0) throw new InputException("only an eDMA has channels for each direction", "leave them out", fields.Location);
        return dma;
    }

    private static BarProfile MakeBar(Fields fields)
    {
        var bar = new BarProfile { Use = fields.Get(Use), SizeBytes = fields.Get(Size), Only64Bit = fields.Get(Only64Bit), Resources = fields.Get(Resources) };
        if (bar.Use == BarUse.Fixed && bar.SizeBytes == 0) throw new InputException("a fixed BAR needs 'size'", "the one size that it has", fields.Location);
        if (bar.SizeBytes != 0 && bar.Use is not (BarUse.Fixed or BarUse.Reserved)) throw new InputException("only fixed and reserved BARs have a 'size' of their own", "leave it out", fields.At(Size));
        foreach (var resource in bar.Resources)
            if (bar.Use != BarUse.Reserved || resource.OffsetBytes + resource.SizeBytes > bar.SizeBytes)
                throw new InputException("'resources' lie inside a reserved BAR that has a 'size'", $"this one ends at 0x{resource.OffsetBytes + resource.SizeBytes:x}", fields.At(Resources));
        return bar;
    }

    private static ControllerProfile Make(Fields fields)
    {
        var bars = fields.Get(Bars);
        for (var i = 0; i < bars.Count; i++)
        {
            if (bars[i].Only64Bit && (i % 2 != 0 || bars[i + 1].Use != BarUse.UpperHalf)) throw new InputException($"BAR {i} is 64-bit only", "it takes an even register, and the next is its 'upper-half'", fields.At(Bars));
            if (bars[i].Use == BarUse.UpperHalf && (i == 0 || !bars[i - 1].Only64Bit)) throw new InputException($"BAR {i} cannot be an upper half", "the BAR before it is not 'only-64-bit'", fields.At(Bars));
        }
        var (vendor, device) = fields.Get(HostId);
        return new ControllerProfile
        {
            Name = "",
            Description = fields.Get(Description),
            Compatible = fields.Get(Compatible),
            VendorId = vendor,
            DeviceId = device,
            Interrupts = fields.Get(Interrupts),
            NotifiesLinkUp = fields.Get(LinkUpNotifier),
            Inbound = fields.Get(Inbound),
            Outbound = fields.Get(Outbound),
            MaxFunctions = fields.Get(MaxFunctions),
            VirtualFunctions = fields.Get(VirtualFunctions),
            Dma = fields.Get(Dma),
            InterruptController = fields.Get(InterruptController),
            Bars = bars,
            Source = fields.Location,
        };
    }

    private static Shape<int> Whole(int least, int most) => new WholeNumberShape((ulong)least, (ulong)most).As(value => (int)value);

    private static Shape<ulong> PowerOfTwo(ulong least, ulong most) => new QuantityShape(Dimension.Size, least, most, powerOfTwo: true).As(value => (ulong)value);
}
