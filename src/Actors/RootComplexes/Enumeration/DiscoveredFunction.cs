using PcieFabric.ConfigSpaces;

namespace PcieFabric.RootComplexes.Enumeration;

/// <summary>A function as enumeration knows it while it works; <see cref="EnumeratedFunction"/> is what stays.</summary>
internal sealed class DiscoveredFunction(Bdf bdf, DiscoveredFunction? parent)
{
    public Bdf Bdf { get; } = bdf;

    /// <summary>The bridge above; null on the root bus.</summary>
    public DiscoveredFunction? Parent { get; } = parent;

    public FunctionIdentity Identity { get; set; }
    public bool MultiFunction { get; set; }
    public byte InterruptPin { get; set; }

    /// <summary>As the function holds it at the moment.</summary>
    public ushort Command { get; set; }

    public CapabilityLocation[] Capabilities { get; set; } = [];
    public CapabilityLocation[] ExtendedCapabilities { get; set; } = [];

    /// <summary>Null in a function without the capability.</summary>
    public PciExpressRegisters? PciExpress { get; set; }

    /// <summary>Null but in a bridge.</summary>
    public BridgeRegisters? Bridge { get; set; }

    public int TotalVfs { get; set; }

    /// <summary>The highest Routing ID that the function or one of its VFs can have; past 0xFFFF if the buses do not suffice.</summary>
    public int LastRoutingId { get; set; } = bdf.Value;

    public List<AddressRequest> Requests { get; } = [];

    /// <summary>On the secondary bus, in the order of their numbers.</summary>
    public List<DiscoveredFunction> Children { get; } = [];

    /// <summary>The bridges from the root bus to the function, and the function: <c>00:01.0 &gt; 02:00.0</c>.</summary>
    public string Path => Parent is null ? Bdf.ToString() : $"{Parent.Path} > {Bdf}";

    /// <summary>Every bridge from here up has a 64-bit prefetchable window.</summary>
    public bool PassesPrefetchable64 => Bridge?.PrefetchableWindow == WindowKind.Wide && (Parent is null || Parent.PassesPrefetchable64);

    /// <returns>The offset, or zero.</returns>
    public int FindCapability(int id) => Find(Capabilities, id);

    /// <inheritdoc cref="FindCapability"/>
    public int FindExtendedCapability(int id) => Find(ExtendedCapabilities, id);

    /// <summary>The function, and all below it, each before its children.</summary>
    public IEnumerable<DiscoveredFunction> DepthFirst()
    {
        yield return this;
        foreach (var child in Children)
        {
            foreach (var function in child.DepthFirst()) yield return function;
        }
    }

    private static int Find(CapabilityLocation[] list, int id)
    {
        foreach (var capability in list)
        {
            if (capability.Id == id) return capability.Offset;
        }
        return 0;
    }
}
