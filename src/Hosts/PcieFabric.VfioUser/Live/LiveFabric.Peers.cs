using PcieFabric.Addressing;
using PcieFabric.Gateways;

namespace PcieFabric.VfioUser.Live;

/// <content>
/// Functions of one guest that reach each other. By the protocol nobody can tell that two clients are one machine; but the same file of memory is behind both, and no other machine has it.
/// </content>
public sealed partial class LiveFabric
{
    private readonly Dictionary<LiveGuest, Dictionary<ulong, (ulong SizeBytes, ulong FabricAddress)>> _peers = [];

    /// <summary>Brings what the functions of each guest reach of each other up to date.</summary>
    internal void UpdatePeers()
    {
        using (Enter())
        {
            foreach (var guest in _guests.OfType<LiveGuest>().ToList()) Update(guest);
        }
    }

    private void Update(LiveGuest guest)
    {
        if (!_peers.TryGetValue(guest, out var open)) _peers.Add(guest, open = []);
        var wanted = new Dictionary<ulong, (ulong SizeBytes, ulong FabricAddress)>();
        foreach (var peer in _guests)
        {
            if (peer is null || peer == guest || peer.Place.Host != guest.Place.Host || !IsSameMachine(guest, peer)) continue;
            foreach (var (range, fabricAddress) in peer.OpenBars) wanted.TryAdd(range.Base, (range.Size, fabricAddress));
        }
        foreach (var (address, what) in open.ToList())
        {
            if (wanted.TryGetValue(address, out var still) && still == what) continue;
            Tell(guest.Place.Host, GatewayInput.ClosePeer(guest.Number, address));
            open.Remove(address);
        }
        foreach (var (address, what) in wanted)
        {
            var range = new AddressRange(address, what.SizeBytes);
            // While a guest moves its BARs they may lie over each other for a moment.
            if (open.ContainsKey(address) || open.Any(other => new AddressRange(other.Key, other.Value.SizeBytes).Overlaps(range))) continue;
            Tell(guest.Place.Host, GatewayInput.OpenPeer(guest.Number, range, what.FabricAddress));
            open.Add(address, what);
        }
    }

    private void CloseAllPeers(LiveGuest guest) => _peers.Remove(guest);

    private static bool IsSameMachine(LiveGuest one, LiveGuest other) =>
        one.Client is { } first && other.Client is { } second && first.Memory.Files.Overlaps(second.Memory.Files);
}
