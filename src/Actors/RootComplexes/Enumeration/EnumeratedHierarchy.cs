namespace PcieFabric.RootComplexes.Enumeration;

/// <summary>All that enumeration found below one root bus, and how it set it up.</summary>
public sealed class EnumeratedHierarchy
{
    private readonly Dictionary<Bdf, EnumeratedFunction> _byBdf = [];
    private readonly EnumeratedFunction[] _functions;

    internal EnumeratedHierarchy(int firstBus, EnumeratedFunction[] rootBus)
    {
        FirstBus = firstBus;
        RootBus = rootBus;
        _functions = [.. rootBus.SelectMany(f => f.DepthFirst())];
        LastBus = firstBus;
        foreach (var function in _functions)
        {
            _byBdf.Add(function.Bdf, function);
            LastBus = Math.Max(LastBus, function.Bridge?.SubordinateBus ?? function.Bdf.Bus);
        }
    }

    public int FirstBus { get; }

    /// <summary>The highest bus number in use.</summary>
    public int LastBus { get; }

    /// <summary>Root ports and what else is integrated in the root complex, in the order of their numbers.</summary>
    public IReadOnlyList<EnumeratedFunction> RootBus { get; }

    /// <summary>Every function, each before what is below it.</summary>
    public IReadOnlyList<EnumeratedFunction> Functions => _functions;

    /// <returns>Null where no function was found.</returns>
    public EnumeratedFunction? Find(Bdf bdf) => _byBdf.GetValueOrDefault(bdf);
}
