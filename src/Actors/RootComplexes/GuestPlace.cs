namespace PcieFabric.RootComplexes;

/// <summary>What a function that somebody outside uses finds at an address.</summary>
public enum GuestPlaceKind
{
    /// <summary>Nothing: an Unsupported Request.</summary>
    None,

    /// <summary>Memory of the guest.</summary>
    Memory,

    /// <summary>A device below the same root complex if one has the address, as the guest gave out the addresses; else memory of the guest.</summary>
    PeerOrMemory,

    /// <summary>Where the function's interrupts go.</summary>
    Interrupt,

    /// <summary>A BAR of another function of the same guest.</summary>
    Peer,
}

/// <summary>Where a request of a function leads that somebody outside uses.</summary>
/// <param name="Guest">Whose the function is.</param>
/// <param name="PeerAddress">Of a peer, the address on the fabric's own bus.</param>
public readonly record struct GuestPlace(GuestPlaceKind Kind, int Guest, ulong PeerAddress = 0);
