using PcieFabric.EndpointFunctions;

namespace PcieFabric.Topologies.Building;

/// <summary>Which offsets of BARs with memory belong to the functions' models. Functions that agree share one answer: a large fabric has thousands of them.</summary>
internal sealed class RegisterWindows
{
    private static readonly Dictionary<int, AddressRange> None = [];

    private readonly Dictionary<(int Bar, AddressRange Window), Dictionary<int, AddressRange>> _single = [];

    public IReadOnlyDictionary<int, AddressRange> Of(FunctionDefinition function, EndpointFunction? model)
    {
        var windows = function.Bars
            .Select(bar => (Bar: bar.Index, bar.Size, Window: model?.RegistersIn(bar.Index, bar.Size) ?? AddressRange.Empty))
            .Where(bar => !bar.Window.IsEmpty && bar.Window.Size < bar.Size)
            .ToDictionary(bar => bar.Bar, bar => bar.Window);
        if (windows.Count == 0) return None;
        if (windows.Count > 1) return windows;
        var only = windows.First();
        return _single.TryGetValue((only.Key, only.Value), out var known) ? known : _single[(only.Key, only.Value)] = windows;
    }
}
