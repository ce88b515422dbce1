using PcieFabric.ConfigSpaces;
using PcieFabric.ConfigSpaces.Functions;

namespace PcieFabric.Endpoints;

/// <summary>One function of an endpoint, before it runs.</summary>
public sealed record FunctionSettings
{
    /// <summary>Shared by all functions of a kind.</summary>
    public required EndpointFunctionLayout Layout { get; init; }

    /// <summary>Memory behind BARs, by BAR index, that the endpoint reads and writes without troubling the function's model.</summary>
    public IReadOnlyDictionary<int, MemoryRegion> BarMemory { get; init; } = NoMemory;

    /// <summary>By BAR index, the offsets in a BAR with memory that the function's model answers for nevertheless, as registers.</summary>
    public IReadOnlyDictionary<int, AddressRange> Registers { get; init; } = NoRegisters;

    /// <summary>Of a function with SR-IOV; null where its virtual functions, if enabled, are left out.</summary>
    public VirtualFunctionSettings? VirtualFunctions { get; init; }

    /// <summary>In place of <see cref="BarMemory"/>, where what is behind the BARs changes.</summary>
    internal IBarMapping? Mapping { get; init; }

    /// <summary>Sets what differs between functions of one layout: serial number, multi-function bit, next function.</summary>
    public Action<ConfigSpace>? Initialize { get; init; }

    private static readonly Dictionary<int, MemoryRegion> NoMemory = [];
    private static readonly Dictionary<int, AddressRange> NoRegisters = [];
}
