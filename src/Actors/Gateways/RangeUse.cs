namespace PcieFabric.Gateways;

/// <summary>What a range of a guest's addresses may be used for.</summary>
[Flags]
public enum RangeUse : byte
{
    None = 0,
    Read = 1,
    Write = 2,

    /// <summary>Memory that is read and written at once, as it is shared; otherwise the guest is asked for each access.</summary>
    Shared = 4,

    /// <summary>A BAR of another function of the same guest.</summary>
    Peer = 8,
}
