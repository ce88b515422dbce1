namespace PcieFabric.Doorbells;

/// <summary>Doorbells as a function wants them.</summary>
/// <param name="WindowBytes">Of the BAR, or the part of one, in which the host is to see them; a power of two.</param>
public readonly record struct DoorbellRequest(int Count, DoorbellKind Kind, ulong WindowBytes = DoorbellRequest.DefaultWindowBytes)
{
    public const ulong DefaultWindowBytes = 1 << 16;

    /// <summary>How often memory is looked at, for <see cref="DoorbellKind.Polled"/>.</summary>
    public SimTime PollInterval { get; init; } = SimTime.FromMilliseconds(1);

    /// <summary>For <see cref="DoorbellKind.Ims"/>: the messages are kept in the function's memory, not in the store.</summary>
    public bool StoresInMemory { get; init; }
}
