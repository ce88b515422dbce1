using PcieFabric.ConfigSpaces;
using PcieFabric.ConfigSpaces.Functions;
using PcieFabric.EndpointControllers.Profiles;
using PcieFabric.Endpoints;
using PcieFabric.Engine;
using PcieFabric.LocalDevices;

namespace PcieFabric.EndpointControllers;

/// <summary>A function as its software composes it, operation by operation, until the controller starts.</summary>
internal sealed class ComposedFunction(int number, MemoryRegion local, LocalBus bus)
{
    private readonly BarSettings?[] _bars = new BarSettings?[ControllerProfile.BarCount];

    public int Number { get; } = number;

    public InboundWindows Inbound { get; } = new(number, local, bus);

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

    public EndpointFunctionLayout MakeLayout(ControllerProfile profile, PciExpressOptions express)
    {
        var header = Header!.Value;
        return new EndpointFunctionLayout(
            new FunctionIdentity(header.VendorId, header.DeviceId, header.ClassCode, header.RevisionId, header.SubsystemVendorId, header.SubsystemId),
            Enumerable.Range(0, ControllerProfile.BarCount).Select(i => Define(i, profile.Bars[i])).OfType<BarDefinition>(),
            Capabilities(),
            express);
    }

    private IEnumerable<Capability> Capabilities()
    {
        if (MsiVectors > 0) yield return new MsiCapability((int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)MsiVectors), perVectorMasking: false);
        if (MsiXVectors > 0) yield return new MsiXCapability(MsiXVectors, MsiXBar, MsiXOffset);
        yield return new AerCapability();
    }

    private BarDefinition? Define(int index, BarProfile kind)
    {
        if (_bars[index] is { } bar)
        {
            var definition = new BarDefinition(index, bar.SizeBytes, (bar.Flags & BarFlags.Memory64) != 0 ? BarKind.Memory64 : BarKind.Memory32, (bar.Flags & BarFlags.Prefetchable) != 0);
            // The controller offers the one size that the function chose.
            return kind.Use == BarUse.Resizable ? definition with { ResizableSizes = bar.SizeBytes } : definition;
        }
        if (kind.Use != BarUse.Reserved || kind.SizeBytes == 0) return null;
        return new BarDefinition(index, kind.SizeBytes, kind.Only64Bit ? BarKind.Memory64 : BarKind.Memory32);
    }
}
