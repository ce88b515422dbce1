using PcieFabric.ConfigSpaces;

namespace PcieFabric.RootComplexes.Enumeration;

/// <summary>A function as enumeration left it.</summary>
public sealed class EnumeratedFunction
{
    internal EnumeratedFunction(DiscoveredFunction found)
    {
        Bdf = found.Bdf;
        Identity = found.Identity;
        MultiFunction = found.MultiFunction;
        InterruptPin = found.InterruptPin;
        Capabilities = found.Capabilities;
        ExtendedCapabilities = found.ExtendedCapabilities;
        PciExpress = found.PciExpress is { } express ? new EnumeratedPciExpress(express) : null;
        Bridge = found.Bridge is { } bridge ? new EnumeratedBridge(bridge) : null;
        Bars = BarsOf(found, AddressRequestKind.Bar);
        VirtualFunctionBars = BarsOf(found, AddressRequestKind.VirtualFunctionBar);
        TotalVfs = found.TotalVfs;
        ExpansionRom = found.Requests.FirstOrDefault(r => r.Kind == AddressRequestKind.ExpansionRom)?.Range ?? AddressRange.Empty;
        Children = [.. found.Children.Select(f => new EnumeratedFunction(f))];
    }

    public Bdf Bdf { get; }

    public FunctionIdentity Identity { get; }

    /// <summary>Type 1; otherwise type 0.</summary>
    public bool IsBridge => Bridge is not null;

    public bool MultiFunction { get; }

    /// <summary>1 for INTA to 4 for INTD; 0 for none.</summary>
    public byte InterruptPin { get; }

    /// <summary>In the order of the list.</summary>
    public IReadOnlyList<CapabilityLocation> Capabilities { get; }

    /// <inheritdoc cref="Capabilities"/>
    public IReadOnlyList<CapabilityLocation> ExtendedCapabilities { get; }

    /// <summary>Null in a function without the PCI Express capability.</summary>
    public EnumeratedPciExpress? PciExpress { get; }

    /// <summary>Null but in a bridge.</summary>
    public EnumeratedBridge? Bridge { get; }

    /// <summary>By index.</summary>
    public IReadOnlyList<EnumeratedBar> Bars { get; }

    /// <summary>By index; each range holds all <see cref="TotalVfs"/>, one after the other.</summary>
    public IReadOnlyList<EnumeratedBar> VirtualFunctionBars { get; }

    /// <summary>VFs for which bus numbers and addresses are kept.</summary>
    public int TotalVfs { get; }

    /// <summary>Those that are enabled, by number from zero. They are on no list of children: no scan finds them.</summary>
    public IReadOnlyList<EnumeratedFunction> VirtualFunctions { get; internal set; } = [];

    /// <summary>Has addresses, and is disabled; empty if there is none.</summary>
    public AddressRange ExpansionRom { get; }

    /// <summary>On the secondary bus, in the order of their numbers.</summary>
    public IReadOnlyList<EnumeratedFunction> Children { get; }

    /// <returns>Null where the function has no such BAR.</returns>
    public EnumeratedBar? FindBar(int index) => Bars.FirstOrDefault(b => b.Index == index);

    /// <returns>The offset of the first with the ID, in bytes; null where there is none.</returns>
    public int? FindCapability(int id) => Find(Capabilities, id);

    /// <inheritdoc cref="FindCapability"/>
    public int? FindExtendedCapability(int id) => Find(ExtendedCapabilities, id);

    /// <summary>The function, and all below it, each before its children.</summary>
    public IEnumerable<EnumeratedFunction> DepthFirst()
    {
        yield return this;
        foreach (var child in Children)
        {
            foreach (var function in child.DepthFirst()) yield return function;
        }
    }

    public override string ToString() => $"{Bdf} {Identity.VendorId:x4}:{Identity.DeviceId:x4}";

    private static EnumeratedBar[] BarsOf(DiscoveredFunction found, AddressRequestKind kind) =>
        [.. found.Requests.Where(r => r.Kind == kind).Select(r => new EnumeratedBar(r.Index, r.Space, r.Prefetchable, r.Range))];

    private static int? Find(IReadOnlyList<CapabilityLocation> list, int id)
    {
        foreach (var capability in list)
        {
            if (capability.Id == id) return capability.Offset;
        }
        return null;
    }
}
