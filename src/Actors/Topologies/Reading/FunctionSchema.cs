using PcieFabric.ConfigSpaces;
using PcieFabric.Documents;
using PcieFabric.Documents.Shapes;
using PcieFabric.Input;
using PcieFabric.Units;

namespace PcieFabric.Topologies.Reading;

/// <summary>The keys of a kind of function, and what its BARs and capabilities must agree on.</summary>
internal static class FunctionSchema
{
    private static readonly Key<ushort> SubsystemVendor = Key.Required("vendor", Values.VendorId, "Subsystem vendor id.");
    private static readonly Key<ushort> SubsystemDevice = Key.Required("device", Values.Id, "Subsystem id.");
    private static readonly Shape<SubsystemDefinition> SubsystemShape = new RecordShape<SubsystemDefinition>("a subsystem", "Subsystem ids.",
        [SubsystemVendor, SubsystemDevice], fields => new(fields.Get(SubsystemVendor), fields.Get(SubsystemDevice)));

    private static readonly Key<string> Model = Key.Optional("model", new NameShape(), "dma-test", "What gives the function its behaviour.");
    private static readonly Key<ushort> Vendor = Key.Required("vendor", Values.VendorId, "Vendor id.");
    private static readonly Key<ushort> Device = Key.Required("device", Values.Id, "Device id.");

    private static readonly Key<int> Class = Key.Optional("class", new WholeNumberShape(0, 0xFFFFFF, hexadecimal: true).As(value => (int)value), "0xFF0000",
        "Class code: base class, sub-class, programming interface.");

    private static readonly Key<byte> Revision = Key.Optional("revision", new WholeNumberShape(0, 0xFF, hexadecimal: true).As(value => (byte)value), "0", "Revision id.");
    private static readonly Key<SubsystemDefinition?> Subsystem = Key.Absent<SubsystemDefinition?>("subsystem", SubsystemShape.As(value => (SubsystemDefinition?)value), null,
        "Subsystem ids; the function's own if left out.");

    private static readonly Key<int> InterruptPin = Key.Optional("interrupt-pin",
        new ChoiceShape<int>(new("none", 0), new("a", 1), new("b", 2), new("c", 3), new("d", 4)), "none", "Which INTx it asserts.");

    private static readonly Key<ulong> Rom = Key.Absent("rom", Values.PowerOfTwo(2048, 1 << 24), 0UL, "Size of the expansion ROM; none if left out.");

    private static readonly Key<(CapabilitiesDefinition Value, Fields Fields)> Capabilities = Key.Absent("capabilities", CapabilitiesSchema.Shape,
        (CapabilitiesDefinition.None, null!), "Optional capabilities.");

    public static readonly Shape<FunctionDefinition> Shape = new RecordShape<FunctionDefinition>("a function", "A kind of endpoint function.",
        [Model, Vendor, Device, Class, Revision, Subsystem, InterruptPin, BarSchema.Bars, Rom, Capabilities, SettingsSchema.Settings], Make);

    private static FunctionDefinition Make(Fields fields)
    {
        var bars = BarSchema.Checked(fields.Get(BarSchema.Bars));
        var (capabilities, written) = fields.Get(Capabilities);
        if (capabilities.Msix is { } msix)
            CheckMsix(msix, bars, written.At(CapabilitiesSchema.Msix));
        return new FunctionDefinition
        {
            // The table of functions gives the name.
            Name = "",
            Model = fields.Get(Model),
            ModelSource = fields.At(Model),
            VendorId = fields.Get(Vendor),
            DeviceId = fields.Get(Device),
            ClassCode = fields.Get(Class),
            RevisionId = fields.Get(Revision),
            Subsystem = fields.Get(Subsystem),
            InterruptPin = fields.Get(InterruptPin),
            Bars = bars,
            RomBytes = (int)fields.Get(Rom),
            Capabilities = capabilities,
            Settings = SettingsSchema.Of(fields),
        };
    }

    /// <exception cref="InputException">Table or Pending Bit Array do not fit.</exception>
    public static void CheckMsix(MsixDefinition msix, IReadOnlyList<BarDefinition> bars, SourceLocation at)
    {
        var bar = MemoryBar(bars, msix.Bar, "MSI-X", at);
        if (msix.TableOffset % 8 != 0 || msix.PbaOffset % 8 != 0)
            throw new InputException("MSI-X table and Pending Bit Array start at multiples of 8 bytes", "PCIe 6.0 section 7.7.2.3", at);
        ulong tableEnd = msix.TableOffset + msix.TableBytes, pbaEnd = msix.PbaOffset + msix.PbaBytes;
        if (tableEnd > bar.Size || pbaEnd > bar.Size)
        {
            throw new InputException($"MSI-X table and Pending Bit Array do not fit into BAR{bar.Index} of {new Quantity(bar.Size, Dimension.Size)}",
                $"they end at 0x{Math.Max(tableEnd, pbaEnd):x}", at);
        }
        if (msix.TableOffset < pbaEnd && msix.PbaOffset < tableEnd)
            throw new InputException("MSI-X table and Pending Bit Array overlap", $"the table ends at 0x{tableEnd:x}", at);
    }

    private static BarDefinition MemoryBar(IReadOnlyList<BarDefinition> bars, int index, string user, SourceLocation at) =>
        bars.FirstOrDefault(bar => bar.Index == index && bar.Kind != BarKind.Io)
        ?? throw new InputException($"{user} needs a memory BAR{index}, which the function does not have", Suggestion.For("", [.. bars.Where(bar => bar.Kind != BarKind.Io).Select(bar => $"BAR{bar.Index}")]), at);
}
