using PcieFabric.Engine;

namespace PcieFabric.TlpPaths;

/// <summary>The actors that one requester's traffic reaches.</summary>
public sealed class TlpWay
{
    private readonly IReadOnlyList<ActorPath> _paths;
    private readonly Bdf _requester;
    private readonly AddressRange _addresses;
    private readonly HashSet<int>[] _requests;
    private readonly HashSet<int>[] _completions;

    internal TlpWay(DeterministicEngine engine, Bdf requester, AddressRange addresses)
    {
        (_paths, _requester, _addresses) = (engine.Paths, requester, addresses);
        _requests = [.. Enumerable.Range(0, engine.Partitions).Select(_ => new HashSet<int>())];
        _completions = [.. Enumerable.Range(0, engine.Partitions).Select(_ => new HashSet<int>())];
    }

    /// <summary>That requests reached, in the order of the topology. To be read while the engine stands still.</summary>
    public IReadOnlyList<ActorPath> OfRequests => Named(_requests);

    /// <summary>That completions with data came through, whatever they answer.</summary>
    /// <inheritdoc cref="OfRequests"/>
    public IReadOnlyList<ActorPath> OfCompletions => Named(_completions);

    internal void Delivered(ref readonly Tlp tlp, int partition, int receiver)
    {
        if (tlp.Requester != _requester) return;
        if (tlp.IsCompletion && tlp.HasData) _completions[partition].Add(receiver);
        else if (tlp.IsMemoryRequest && _addresses.Contains(tlp.Address)) _requests[partition].Add(receiver);
    }

    private ActorPath[] Named(HashSet<int>[] seen) => [.. seen.SelectMany(receivers => receivers).Order().Select(receiver => _paths[receiver])];
}
