using PcieFabric.ConfigSpaces;
using PcieFabric.ConfigSpaces.Functions;
using PcieFabric.Engine;
using PcieFabric.Ports;

namespace PcieFabric.Endpoints;

/// <summary>One function as its endpoint holds it: registers, what stands behind its BARs, and the actor that models it, if any.</summary>
public sealed class Function
{
    private readonly IReadOnlyDictionary<int, MemoryRegion> _barMemory;
    private readonly IReadOnlyDictionary<int, AddressRange> _registers;

    internal Function(FunctionSettings settings, int number)
    {
        (_barMemory, _registers) = (settings.BarMemory, settings.Registers);
        Layout = settings.Layout;
        Number = number;
        Space = new ConfigSpace(settings.Layout);
        if (Layout.MsiX is { } msiX) MsiX = new MsiXTable(msiX, Space);
        settings.Initialize?.Invoke(Space);
    }

    public int Number { get; }

    public EndpointFunctionLayout Layout { get; }

    /// <summary>To be read when the engine stands still.</summary>
    public ConfigSpace Space { get; }

    public PortCounters Counters { get; } = new();

    /// <summary>Messages sent for MSI and MSI-X.</summary>
    public long InterruptsSent { get; internal set; }

    internal MsiXTable? MsiX { get; }

    /// <summary>INTx as last told to the root complex.</summary>
    internal bool IntxAsserted { get; set; }

    /// <summary>The actor that models the function.</summary>
    internal ActorRef? Model { get; set; }

    /// <summary>The MSI-X table or its pending bits lie in the BAR.</summary>
    internal bool HasTableIn(int bar) => Layout.MsiX is { } msiX && (msiX.TableBar == bar || msiX.PendingBar == bar);

    internal MemoryRegion? MemoryOf(int bar) => _barMemory.GetValueOrDefault(bar);

    /// <summary>The BAR's memory, unless the model's registers are at this offset.</summary>
    internal MemoryRegion? MemoryAt(int bar, ulong offset) => _registers.TryGetValue(bar, out var registers) && registers.Contains(offset) ? null : MemoryOf(bar);

    internal void Reset(ResetKind kind)
    {
        Space.Reset(kind);
        MsiX?.Reset();
    }
}
