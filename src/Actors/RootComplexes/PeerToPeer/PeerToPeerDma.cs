using PcieFabric.RootComplexes.Enumeration;

namespace PcieFabric.RootComplexes.PeerToPeer;

/// <summary>
/// The rules by which Linux decides whether one function may do DMA to the memory of another, and which of several to prefer (7.2,
/// drivers/pci/p2pdma.c). It reads the ACS registers of the fabric each time, as Linux does, and knows nothing else of it than what enumeration found.
/// </summary>
/// <remarks>
/// The rules are the kernel's, not the specification's: any of P2P Request Redirect, P2P Completion Redirect and P2P Egress Control on any function
/// of the way, the common bridge included, counts as redirecting.
/// </remarks>
public sealed class PeerToPeerDma
{
    private const AcsControls Redirects = AcsControls.PeerRequestRedirect | AcsControls.PeerCompletionRedirect | AcsControls.PeerEgressControl;

    private readonly Host _host;
    private readonly Dictionary<EnumeratedFunction, Place> _places = [];

    private readonly record struct Place(int Hierarchy, EnumeratedFunction? Above);

    /// <param name="hierarchies">One for each root complex of the host, in their order.</param>
    public PeerToPeerDma(Host host, params IReadOnlyList<EnumeratedHierarchy> hierarchies)
    {
        _host = host;
        for (var i = 0; i < hierarchies.Count; i++)
            foreach (var function in hierarchies[i].RootBus)
                Add(function, i, above: null);
    }

    /// <summary>How a client would reach a provider (calc_map_type_and_dist).</summary>
    public async ValueTask<PeerDistance> DistanceAsync(EnumeratedFunction provider, EnumeratedFunction client)
    {
        var redirecting = new List<EnumeratedFunction>();
        var (up, down) = (0, 0);
        for (var above = provider; above is not null; above = _places[above].Above, up++)
        {
            if (await RedirectsAsync(above)) redirecting.Add(above);
            down = 0;
            for (var other = client; other is not null; other = _places[other].Above, down++)
            {
                if (other != above) continue;
                for (var leg = client; leg != above; leg = _places[leg!].Above)
                    if (await RedirectsAsync(leg!))
                        redirecting.Add(leg!);
                return new PeerDistance(up + down, redirecting.Count == 0 ? PeerMapType.BusAddress : ThroughRoot(provider, client), redirecting);
            }
        }
        return new PeerDistance(up + down, ThroughRoot(provider, client), redirecting);
    }

    /// <summary>The sum of the distances of all clients (pci_p2pdma_distance_many).</summary>
    /// <returns>Null where there is no client, or one that cannot reach the provider.</returns>
    public async ValueTask<int?> DistanceAsync(EnumeratedFunction provider, IReadOnlyList<EnumeratedFunction> clients)
    {
        if (clients.Count == 0) return null;
        var sum = 0;
        foreach (var client in clients)
        {
            var distance = await DistanceAsync(provider, client);
            if (distance.MapType == PeerMapType.NotSupported) return null;
            sum += distance.Hops;
        }
        return sum;
    }

    /// <summary>The provider that is nearest to all clients together; among equals one by lot (pci_p2pmem_find_many).</summary>
    /// <returns>Null where no provider is within reach of all.</returns>
    public async ValueTask<EnumeratedFunction?> FindProviderAsync(IReadOnlyList<EnumeratedFunction> providers, IReadOnlyList<EnumeratedFunction> clients)
    {
        var nearest = new List<EnumeratedFunction>();
        var least = int.MaxValue;
        foreach (var provider in providers)
        {
            if (await DistanceAsync(provider, clients) is not { } distance || distance > least) continue;
            if (distance < least) nearest.Clear();
            least = distance;
            nearest.Add(provider);
        }
        return nearest.Count == 0 ? null : nearest[_host.Random.Next(nearest.Count)];
    }

    private void Add(EnumeratedFunction function, int hierarchy, EnumeratedFunction? above)
    {
        _places.Add(function, new Place(hierarchy, above));
        foreach (var below in function.Children) Add(below, hierarchy, function);
    }

    /// <summary>pci_bridge_has_acs_redir: asked of endpoints too, in spite of its name.</summary>
    private async ValueTask<bool> RedirectsAsync(EnumeratedFunction function)
    {
        var access = new AccessControlSetup(_host.Configuration[_places[function].Hierarchy]);
        return (await access.EnabledAsync(function) & Redirects) != 0;
    }

    private PeerMapType ThroughRoot(EnumeratedFunction provider, EnumeratedFunction client)
    {
        var (one, other) = (_places[provider].Hierarchy, _places[client].Hierarchy);
        var isAllowed = HostBridgeWhitelist.Allows(_host.Processor, _host.Hierarchies[one].HostBridge, _host.Hierarchies[other].HostBridge, one == other);
        return isAllowed ? PeerMapType.ThroughHostBridge : PeerMapType.NotSupported;
    }
}
