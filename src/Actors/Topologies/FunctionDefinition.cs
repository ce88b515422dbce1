using PcieFabric.ConfigSpaces;
using PcieFabric.Input;

namespace PcieFabric.Topologies;

/// <summary>A kind of endpoint function: its identity, BARs and capabilities, and the model that gives it behaviour.</summary>
public sealed partial record FunctionDefinition
{
    public required string Name { get; init; }

    /// <summary>Behaviour by name, such as <c>dma-test</c>. Who builds the fabric knows the models and locates an unknown one at <see cref="ModelSource"/>.</summary>
    public string Model { get; init; } = "dma-test";

    public SourceLocation? ModelSource { get; init; }

    public required ushort VendorId { get; init; }
    public required ushort DeviceId { get; init; }

    /// <summary>Base class, sub-class and programming interface: 24 bits (PCIe 6.0 section 7.5.1.1.6).</summary>
    public int ClassCode { get; init; } = 0xFF0000;

    public byte RevisionId { get; init; }

    /// <summary>Null where the author gave none: then the function's own vendor and device id.</summary>
    public SubsystemDefinition? Subsystem { get; init; }

    /// <summary>1 to 4 for INTA to INTD; 0 for none.</summary>
    public int InterruptPin { get; init; }

    /// <summary>In the order of their index.</summary>
    public IReadOnlyList<BarDefinition> Bars { get; init; } = [];

    /// <summary>Expansion ROM, a power of two from 2 KiB to 16 MiB; zero for none.</summary>
    public int RomBytes { get; init; }

    public CapabilitiesDefinition Capabilities { get; init; } = CapabilitiesDefinition.None;

    /// <summary>What only the model understands, by key.</summary>
    public IReadOnlyDictionary<string, Setting> Settings { get; init; } = NoSettings;

    public SourceLocation? Source { get; init; }

    /// <summary>One of its virtual functions, as a function of its own; null without SR-IOV.</summary>
    public FunctionDefinition? VirtualFunction => Capabilities.SrIov is not { } virtualFunctions ? null : this with
    {
        Name = $"{Name} VF",
        Model = virtualFunctions.Model,
        ModelSource = virtualFunctions.ModelSource,
        DeviceId = virtualFunctions.Options.VfDeviceId,
        InterruptPin = 0,
        Bars = virtualFunctions.Options.VfBars,
        RomBytes = 0,
        Capabilities = virtualFunctions.Capabilities,
        Settings = virtualFunctions.Settings,
    };

    private static readonly Dictionary<string, Setting> NoSettings = [];
}

/// <summary>Subsystem vendor and device id.</summary>
public sealed record SubsystemDefinition(ushort VendorId, ushort DeviceId);

/// <summary>A setting as the author wrote it; <c>Quantity.Parse</c> and its like turn it into a value and locate what is wrong with it.</summary>
public sealed record Setting(string Text, SourceLocation? Source);
