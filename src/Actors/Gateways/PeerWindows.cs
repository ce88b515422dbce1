namespace PcieFabric.Gateways;

/// <summary>Where the functions of one guest find each other's BARs: ranges of the guest's addresses that do not overlap, and what they are on the fabric's own bus.</summary>
internal sealed class PeerWindows
{
    private readonly List<(AddressRange Range, ulong FabricAddress)> _windows = [];

    public void Add(AddressRange range, ulong fabricAddress)
    {
        if (Overlaps(range)) throw new InvalidOperationException($"Invariant: a guest has something else at {range}");
        _windows.Add((range, fabricAddress));
    }

    public void Remove(ulong address)
    {
        if (_windows.RemoveAll(window => window.Range.Base == address) != 1) throw new InvalidOperationException($"Invariant: a guest has a peer at 0x{address:x}");
    }

    public bool Overlaps(AddressRange range) => _windows.Any(window => window.Range.Overlaps(range));

    /// <summary>A guest has a few functions with a few BARs each, so that looking through them costs less than keeping them in order.</summary>
    public bool TryFind(ulong address, ulong sizeBytes, out ulong fabricAddress)
    {
        foreach (var (range, there) in _windows)
        {
            if (!range.Contains(address, sizeBytes)) continue;
            fabricAddress = there + (address - range.Base);
            return true;
        }
        fabricAddress = 0;
        return false;
    }
}
