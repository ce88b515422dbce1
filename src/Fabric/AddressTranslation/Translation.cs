namespace PcieFabric.AddressTranslation;

/// <summary>What a page translates to.</summary>
/// <param name="PageAddress">Where the page begins after translation; aligned to its size.</param>
/// <param name="PageShift">Binary logarithm of its size in bytes: 12, 21 or 30.</param>
public readonly record struct Translation(ulong PageAddress, int PageShift, PagePermissions Permissions)
{
    public ulong PageBytes => 1ul << PageShift;

    public ulong Of(ulong address) => PageAddress | (address & (PageBytes - 1));

    public bool Allows(PagePermissions needed) => (Permissions & needed) == needed;
}
