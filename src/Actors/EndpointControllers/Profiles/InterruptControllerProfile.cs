namespace PcieFabric.EndpointControllers.Profiles;

/// <summary>The interrupt controller beside an endpoint controller, and what it makes of a host's write.</summary>
/// <param name="Its">It takes messages from the host, each with an address and data that never change (Linux: an immutable MSI domain, by <c>msi-map</c>).</param>
/// <param name="Ims">A store of messages stands before it, which software masks and changes at run time.</param>
/// <param name="Doorbells">That one function can have, of both kinds together.</param>
public sealed record InterruptControllerProfile(bool Its, bool Ims, int Doorbells);
