namespace PcieFabric.Iommus;

/// <summary>A requester's use of a domain, with one PASID or without.</summary>
/// <param name="AllowsAts">The function may ask for translations and use them.</param>
internal sealed record Attachment(Domain Domain, Device Device, uint Pasid, bool AllowsAts);
