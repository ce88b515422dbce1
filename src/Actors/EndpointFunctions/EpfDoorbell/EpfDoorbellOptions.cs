using PcieFabric.Doorbells;
using PcieFabric.EndpointControllers;

namespace PcieFabric.EndpointFunctions.EpfDoorbells;

/// <summary>What configfs would say of a doorbell function.</summary>
public sealed record EpfDoorbellOptions
{
    public required ControllerHeader Header { get; init; }

    public DoorbellKind Kind { get; init; } = DoorbellKind.Its;

    /// <summary>1 to <see cref="Limits.MaxDoorbells"/>.</summary>
    public int Count { get; init; } = 32;

    /// <summary>Of the polled kind.</summary>
    public SimTime PollInterval { get; init; } = SimTime.FromMicroseconds(5);

    /// <summary>Of the kind with stored messages: they are kept in the function's memory.</summary>
    public bool StoresInMemory { get; init; }
}
