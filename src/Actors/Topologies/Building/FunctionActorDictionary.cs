using System.Collections;
using System.Diagnostics.CodeAnalysis;
using PcieFabric.EndpointFunctions;
using PcieFabric.Engine;

namespace PcieFabric.Topologies.Building;

/// <summary>
/// The actors that model functions, by path, in the topology's order; without those whose places probes took. Looking at one that sleeps makes it, which costs
/// memory and changes no run.
/// </summary>
public sealed class FunctionActorDictionary : IReadOnlyDictionary<string, FunctionActor>
{
    private readonly DeterministicEngine _engine;
    private readonly List<(int First, int Count)> _ranges = [];

    /// <summary>By path the actors' numbers; made when somebody first asks for a path.</summary>
    private Dictionary<string, int>? _byPath;

    internal FunctionActorDictionary(DeterministicEngine engine) => _engine = engine;

    internal void Add(int firstActor, int count)
    {
        _byPath = null;
        if (_ranges.Count > 0 && _ranges[^1] is var (first, before) && first + before == firstActor) _ranges[^1] = (first, before + count);
        else _ranges.Add((firstActor, count));
    }

    public int Count => _ranges.Sum(range => range.Count);

    public IEnumerable<string> Keys => this.Select(each => each.Key);

    public IEnumerable<FunctionActor> Values => this.Select(each => each.Value);

    public FunctionActor this[string key] => TryGetValue(key, out var actor) ? actor : throw new KeyNotFoundException($"no function with a model at {key}");

    public bool ContainsKey(string key) => TryGetValue(key, out _);

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out FunctionActor value)
    {
        _byPath ??= Numbers().ToDictionary(actor => _engine.PathOf(actor).Value);
        value = _byPath.TryGetValue(key, out var number) ? _engine.CellAt(number).Actor as FunctionActor : null;
        return value is not null;
    }

    public IEnumerator<KeyValuePair<string, FunctionActor>> GetEnumerator()
    {
        foreach (var number in Numbers())
            if (_engine.CellAt(number) is { Actor: FunctionActor actor } cell)
                yield return new KeyValuePair<string, FunctionActor>(cell.Path.Value, actor);
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private IEnumerable<int> Numbers() => _ranges.SelectMany(range => Enumerable.Range(range.First, range.Count));
}
