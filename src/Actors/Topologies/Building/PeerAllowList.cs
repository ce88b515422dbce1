using PcieFabric.Input;
using PcieFabric.RootComplexes;

namespace PcieFabric.Topologies.Building;

/// <summary>Turns the patterns of an allow-list into pairs of functions below one root complex.</summary>
internal static class PeerAllowList
{
    /// <returns>Null where the root complex has no list.</returns>
    /// <exception cref="InputException">More pairs than a guard holds; located at the pair of patterns that is too much.</exception>
    public static IReadOnlyList<PeerPair>? Of(HostDefinition host, int hierarchy)
    {
        if (host.RootComplexes[hierarchy].AllowedPeers is not { } allowed) return null;
        var functions = TopologyPlaces.Of(host).Where(place => place.Hierarchy == hierarchy && place.IsFunction).ToList();
        var pairs = new HashSet<PeerPair>();
        foreach (var (onePattern, otherPattern, source) in allowed)
        {
            var others = functions.Where(place => otherPattern.Matches(place.Path)).ToList();
            foreach (var one in functions.Where(place => onePattern.Matches(place.Path)))
            {
                foreach (var other in others)
                {
                    if (one == other || pairs.Contains(new(other, one)) || !pairs.Add(new(one, other))) continue;
                    if (pairs.Count > Limits.GuardedPairs)
                        throw new InputException($"more than {Limits.GuardedPairs} pairs of functions may reach each other", "narrow the patterns, or use ACS", source);
                }
            }
        }
        return [.. pairs];
    }
}
