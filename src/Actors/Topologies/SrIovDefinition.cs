using PcieFabric.ConfigSpaces.Capabilities;
using PcieFabric.Input;

namespace PcieFabric.Topologies;

/// <summary>The virtual functions of a function: the capability that offers them, and what they are once software has enabled them.</summary>
public sealed record SrIovDefinition
{
    /// <summary>A virtual function whose BARs are memory, and that does nothing by itself.</summary>
    public const string Memory = "memory";

    public required SrIovOptions Options { get; init; }

    /// <inheritdoc cref="FunctionDefinition.Model"/>
    public string Model { get; init; } = Memory;

    public SourceLocation? ModelSource { get; init; }

    /// <summary>Of each virtual function: MSI, MSI-X, AER, ACS and ATS; the others are the physical function's alone.</summary>
    public CapabilitiesDefinition Capabilities { get; init; } = CapabilitiesDefinition.None;

    /// <inheritdoc cref="FunctionDefinition.Settings"/>
    public IReadOnlyDictionary<string, Setting> Settings { get; init; } = new Dictionary<string, Setting>();
}
