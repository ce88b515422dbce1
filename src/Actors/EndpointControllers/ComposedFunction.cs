using PcieFabric.ConfigSpaces;
using PcieFabric.ConfigSpaces.Capabilities;
using PcieFabric.ConfigSpaces.Functions;
using PcieFabric.EndpointControllers.Profiles;
using PcieFabric.Endpoints;
using PcieFabric.Engine;
using PcieFabric.LocalDevices;

namespace PcieFabric.EndpointControllers;

/// <summary>A function as its software composes it, operation by operation, until the controller starts.</summary>
/// <param name="number">Its place among all functions of the controller: of physical ones the function number, virtual ones come behind them.</param>
/// <param name="profile">What it may be.</param>
internal sealed class ComposedFunction(int number, MemoryRegion local, LocalBus bus, ControllerProfile profile)
{
    private readonly BarSettings?[] _bars = new BarSettings?[ControllerProfile.BarCount];

    public int Number { get; } = number;

    public ControllerProfile Profile { get; } = profile;

    /// <summary>Of a virtual function the one that it belongs to; else null.</summary>
    public ComposedFunction? Physical { get; init; }

    /// <summary>From 1 in the order of their Routing IDs; 0 for a physical function (Linux: <c>vfunc_no</c>).</summary>
    public int VirtualNumber { get; init; }

    /// <summary>In the order of their numbers.</summary>
    public List<ComposedFunction> Virtual { get; } = [];

    public InboundWindows Inbound { get; } = new(number, local, bus);

    /// <summary>Parts of a BAR, collected until the BAR itself is set.</summary>
    public List<BarSubrange> Subranges { get; } = [];

    public ControllerHeader? Header { get; set; }

    public int MsiVectors { get; set; }

    public int MsiXVectors { get; set; }

    public int MsiXBar { get; set; }

    public uint MsiXOffset { get; set; }

    /// <summary>Its software has said that it is set up.</summary>
    public bool IsBound { get; set; }

    /// <summary>The way to its software.</summary>
    public ActorRef? Software { get; set; }

    public IReadOnlyList<BarSettings?> Bars => _bars;

    public void Set(BarSettings bar) => _bars[bar.Bar] = bar;

    public void Clear(int bar) => _bars[bar] = null;

    /// <summary>Another BAR has the register already, as the upper half of the one before or as a BAR of its own.</summary>
    public bool IsTaken(int bar, BarFlags flags) =>
        (bar % 2 != 0 && _bars[bar - 1] is { } lower && (lower.Flags & BarFlags.Memory64) != 0)
        || ((flags & BarFlags.Memory64) != 0 && _bars[bar + 1] is not null);

    public bool MsiXTableFits() =>
        _bars[MsiXBar] is { } bar && MsiXOffset % 8 == 0 && MsiXOffset + (ulong)MsiXVectors * 16 + ((ulong)MsiXVectors + 63) / 64 * 8 <= bar.SizeBytes;

    /// <param name="functions">Physical functions of the controller: the virtual ones of each stand so far apart.</param>
    /// <param name="ari">The functions of the controller have numbers of eight bits.</param>
    public EndpointFunctionLayout MakeLayout(PciExpressOptions express, int functions, bool ari)
    {
        var header = Header!.Value;
        return new EndpointFunctionLayout(
            new FunctionIdentity(header.VendorId, header.DeviceId, header.ClassCode, header.RevisionId, header.SubsystemVendorId, header.SubsystemId),
            Enumerable.Range(0, ControllerProfile.BarCount).Select(i => Define(i, Profile.Bars[i])).OfType<BarDefinition>(),
            [.. Capabilities(ari), .. Virtual.Count > 0 ? [MakeSrIov(functions)] : Array.Empty<Capability>()],
            express);
    }

    /// <summary>Of a virtual function.</summary>
    public EndpointFunctionLayout MakeVirtualLayout(EndpointFunctionLayout physical) => EndpointFunctionLayout.VirtualOf(physical, Capabilities(ari: true));

    private IEnumerable<Capability> Capabilities(bool ari)
    {
        if (MsiVectors > 0) yield return new MsiCapability((int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)MsiVectors), perVectorMasking: false);
        if (MsiXVectors > 0) yield return new MsiXCapability(MsiXVectors, MsiXBar, MsiXOffset);
        yield return new AerCapability(isVirtual: Physical is not null);
        if (ari) yield return new AriCapability();
    }

    private SrIovCapability MakeSrIov(int functions) => new(new SrIovOptions
    {
        TotalVfs = Virtual.Count,
        VfDeviceId = Virtual[0].Header?.DeviceId ?? Header!.Value.DeviceId,
        FirstVfOffset = functions,
        VfStride = functions,
        VfBars = [.. Virtual.SelectMany(vf => vf._bars).OfType<BarSettings>().DistinctBy(bar => bar.Bar).Select(Define)],
    });

    private BarDefinition? Define(int index, BarProfile kind)
    {
        if (_bars[index] is { } bar)
        {
            var definition = Define(bar);
            // The controller offers the one size that the function chose.
            return kind.Use == BarUse.Resizable ? definition with { ResizableSizes = bar.SizeBytes } : definition;
        }
        if (kind.Use != BarUse.Reserved || kind.SizeBytes == 0) return null;
        return new BarDefinition(index, kind.SizeBytes, kind.Only64Bit ? BarKind.Memory64 : BarKind.Memory32);
    }

    private static BarDefinition Define(BarSettings bar) =>
        new(bar.Bar, bar.SizeBytes, (bar.Flags & BarFlags.Memory64) != 0 ? BarKind.Memory64 : BarKind.Memory32, (bar.Flags & BarFlags.Prefetchable) != 0);
}
