using PcieFabric.Addressing;

namespace PcieFabric.Tlps;

/// <summary>A non-posted request and what its requester wants to remember of it.</summary>
public readonly record struct Transaction<TState>(TState State, TlpType Type, Bdf Requester, ushort Tag, ulong Address, SimTime IssuedAt)
    where TState : unmanaged;
