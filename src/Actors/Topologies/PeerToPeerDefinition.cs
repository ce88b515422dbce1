using PcieFabric.Input;
using PcieFabric.RootComplexes;

namespace PcieFabric.Topologies;

/// <summary>Who may reach whom below a root complex.</summary>
/// <param name="Policy">What the root complex forwards.</param>
/// <param name="Allow">Pairs of functions that the root complex and the switches let reach each other; null where every pair may.</param>
public sealed record PeerToPeerDefinition(PeerToPeerPolicy Policy, IReadOnlyList<AllowedPeers>? Allow)
{
    public static readonly PeerToPeerDefinition Full = new(PeerToPeerPolicy.Full, null);
}

/// <summary>Every function that matches the one pattern, with every function that matches the other.</summary>
public sealed record AllowedPeers(PathPattern One, PathPattern Other, SourceLocation? Source);
