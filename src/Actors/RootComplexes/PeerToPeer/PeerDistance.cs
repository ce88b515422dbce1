using PcieFabric.RootComplexes.Enumeration;

namespace PcieFabric.RootComplexes.PeerToPeer;

/// <summary>How far a client is from a provider, and how it gets there.</summary>
/// <param name="Hops">Steps up from the provider to the nearest common bridge, and down to the client; without one, all steps to both root buses and beyond.</param>
/// <param name="Redirecting">The functions on the way whose ACS redirects: with <c>pci=disable_acs_redir</c> for them, Linux would do without the root complex.</param>
public sealed record PeerDistance(int Hops, PeerMapType MapType, IReadOnlyList<EnumeratedFunction> Redirecting);
