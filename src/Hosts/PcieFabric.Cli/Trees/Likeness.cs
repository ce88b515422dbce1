using PcieFabric.Topologies.Enumerated;

namespace PcieFabric.Cli.Trees;

/// <summary>Siblings, one after the other, that differ in nothing but their place.</summary>
/// <param name="First">Stands for the others.</param>
/// <param name="Last">The same where it is alone.</param>
internal readonly record struct SiblingGroup<T>(T First, T Last, int Count);

/// <summary>Finds siblings that are alike in all but numbers and addresses, with all that is below them.</summary>
internal sealed class Likeness
{
    private readonly Dictionary<string, int> _shapes = [];
    private readonly Dictionary<PlacedFunction, int> _shapeOf = new(ReferenceEqualityComparer.Instance);

    public IEnumerable<SiblingGroup<PlacedFunction>> Group(IReadOnlyList<PlacedFunction> siblings) => Group(siblings, ShapeOf);

    /// <summary>Hosts are alike if their names differ in the number at the end alone, and what is below them is alike.</summary>
    public IEnumerable<SiblingGroup<EnumeratedHost>> Group(IReadOnlyList<EnumeratedHost> hosts) => Group(hosts, host =>
        Number($"{host.Name.TrimEnd("0123456789".ToCharArray())}|{string.Join('|', host.Segments.Select(segment => $"{segment.Settings.Name},{segment.Settings.Segment},{ShapesOf(segment.RootBus)}"))}"));

    /// <summary>Everyone alone.</summary>
    public static IEnumerable<SiblingGroup<T>> Apart<T>(IReadOnlyList<T> siblings) => siblings.Select(one => new SiblingGroup<T>(one, one, 1));

    private static IEnumerable<SiblingGroup<T>> Group<T>(IReadOnlyList<T> siblings, Func<T, int> shapeOf)
    {
        var shapes = siblings.Select(shapeOf).ToList();
        for (var first = 0; first < siblings.Count;)
        {
            var next = first + 1;
            while (next < siblings.Count && shapes[next] == shapes[first]) next++;
            yield return new SiblingGroup<T>(siblings[first], siblings[next - 1], next - first);
            first = next;
        }
    }

    /// <summary>A number that only what looks alike shares; it makes comparing whole subtrees cheap.</summary>
    private int ShapeOf(PlacedFunction function)
    {
        if (_shapeOf.TryGetValue(function, out var known)) return known;
        var (found, express) = (function.Found, function.Found.PciExpress);
        var bars = string.Join(',', found.Bars.Select(bar => $"{bar.Index}{bar.Kind}{bar.Prefetchable}{bar.Range.Size}"));
        var capabilities = string.Join(',', function.Space.Layout.Capabilities.Select(capability => capability.Name));
        var shape = Number($"{function.Part?.Name}|{found.Identity}|{express?.PortType}{express?.LinkSpeed}x{express?.LinkWidth},{express?.MaxLinkSpeed}x{express?.MaxLinkWidth},{express?.MaxPayload}"
            + $"|{bars}|{capabilities}|{ShapesOf(function.Children)}");
        _shapeOf.Add(function, shape);
        return shape;
    }

    private string ShapesOf(IReadOnlyList<PlacedFunction> children) => string.Join(',', Group(children).Select(group => $"{group.Count}*{ShapeOf(group.First)}"));

    private int Number(string shape)
    {
        if (!_shapes.TryGetValue(shape, out var number))
            _shapes.Add(shape, number = _shapes.Count);
        return number;
    }
}
