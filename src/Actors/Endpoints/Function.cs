using System.Runtime.CompilerServices;
using PcieFabric.ConfigSpaces;
using PcieFabric.ConfigSpaces.Functions;
using PcieFabric.Engine;
using PcieFabric.LocalDevices;
using PcieFabric.Ports;

namespace PcieFabric.Endpoints;

/// <summary>One function as its endpoint holds it: registers, what stands behind its BARs, and the actor that models it, if any.</summary>
public sealed class Function
{
    private const int NoSource = -1;

    private readonly IBarMapping _bars;
    private PortCounters? _counters;
    private StrongBox<AccessControl>? _access;
    private Action<int>? _makeModel;

    /// <param name="number">Of a virtual function: its Routing ID less that of function 0 of the device's bus.</param>
    /// <param name="source">The place of its model among those of the device; null where it has none. A physical function's is its number.</param>
    internal Function(FunctionSettings settings, int number, int? source = null, Function? physical = null)
    {
        Physical = physical;
        Source = source ?? (physical is null ? number : NoSource);
        _bars = settings.Mapping ?? new WholeBars(settings.BarMemory, settings.Registers);
        Layout = settings.Layout;
        Number = number;
        Space = new ConfigSpace(settings.Layout);
        if (Layout.MsiX is { } msiX) MsiX = new MsiXTable(msiX, Space);
        settings.Initialize?.Invoke(Space);
        if (settings.VirtualFunctions is { } virtualFunctions && Layout.SrIov is { } capability) Virtual = new VirtualFunctions(this, capability, virtualFunctions);
    }

    /// <summary>Eight bits at most; of a virtual function its Routing ID less that of function 0 of the device's bus, which may be more.</summary>
    public int Number { get; }

    /// <summary>Of a virtual function the one that it belongs to; else null.</summary>
    public Function? Physical { get; }

    /// <summary>Those that software has enabled, by number from zero. To be read when the engine stands still.</summary>
    public IReadOnlyList<Function> VirtualFunctions => Virtual?.All ?? [];

    public EndpointFunctionLayout Layout { get; }

    /// <summary>To be read when the engine stands still.</summary>
    public ConfigSpace Space { get; }

    public PortCounters Counters => _counters ??= new PortCounters();

    /// <summary>Messages sent for MSI and MSI-X.</summary>
    public long InterruptsSent { get; internal set; }

    /// <summary>What the function's ACS registers ask for.</summary>
    internal AccessControl Access => _access?.Value ?? default;

    internal MsiXTable? MsiX { get; }

    internal VirtualFunctions? Virtual { get; }

    /// <summary>The place of its model among those of the device; negative where it can have none.</summary>
    internal int Source { get; }

    /// <summary>Not a virtual function that software has not enabled, or no longer.</summary>
    internal bool Exists => Physical is null || Physical.Virtual!.At(Number) is not null;

    /// <summary>In D0, and its physical function too.</summary>
    internal bool IsOn => Layout.IsOn(Space) && (Physical is null || Physical.IsOn);

    /// <inheritdoc cref="FunctionLayout.MayInitiate"/>
    internal bool MayInitiate => Layout.MayInitiate(Space) && (Physical is null || Physical.IsOn);

    /// <summary>The function whose registers say how it sends: itself, or its physical function (PCIe 6.0 section 9.3.5).</summary>
    internal Function Governing => Physical ?? this;

    /// <summary>MPS, in bytes.</summary>
    internal int MaxPayloadBytes => Governing.Layout.Express.Device.MaxPayloadBytes(Governing.Space);

    /// <summary>INTx as last told to the root complex.</summary>
    internal bool IntxAsserted { get; set; }

    /// <summary>The actor that models the function.</summary>
    internal ActorRef? Model { get; set; }

    /// <summary>Nothing has reached the function's registers yet; its model need not be there, and knows nothing of the function.</summary>
    internal bool ModelSleeps => _makeModel is not null;

    /// <param name="make">Makes sure that the model of the function with this number is there.</param>
    internal void LetModelSleep(Action<int> make) => _makeModel = make;

    internal void WakeModel()
    {
        var make = _makeModel!;
        _makeModel = null;
        make(Number);
    }

    /// <summary>The MSI-X table or its pending bits lie in the BAR.</summary>
    internal bool HasTableIn(int bar) => Layout.MsiX is { } msiX && (msiX.TableBar == bar || msiX.PendingBar == bar);

    /// <inheritdoc cref="IBarMapping.HasMemoryAt"/>
    internal bool HasMemoryAt(int bar, ulong offset) => _bars.HasMemoryAt(bar, offset);

    /// <inheritdoc cref="IBarMapping.Find"/>
    internal MemoryRegion? FindMemory(int bar, ulong offset, int sizeBytes, out long at) => _bars.Find(bar, offset, sizeBytes, out at);

    /// <summary>The memory behind a part of a BAR that is nothing but memory, for good and in one piece.</summary>
    internal MemoryRegion? FindWholeMemory(int bar, ulong offset, ulong sizeBytes, out long at) => _bars.FindWhole(bar, offset, sizeBytes, out at);

    /// <inheritdoc cref="IBarMapping.FindDevice"/>
    internal ActorRef? FindDevice(int bar, ulong offset, int sizeBytes, out LocalAccess access) => _bars.FindDevice(bar, offset, sizeBytes, out access);

    /// <summary>The place in the BAR belongs to the MSI-X table or the pending bits.</summary>
    internal bool OwnsTable(int bar, ulong offset) => MsiX is { } table && (table.TryFindInTable(bar, offset, out _) || table.TryFindInPending(bar, offset, out _));

    internal void Reset(ResetKind kind)
    {
        Space.Reset(kind);
        MsiX?.Reset();
        UpdateAccess();
    }

    internal void UpdateAccess()
    {
        var access = AccessControl.Of(Layout.Acs, Space);
        _access = access.IsOff ? null : new StrongBox<AccessControl>(access);
    }
}
