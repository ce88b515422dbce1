using PcieFabric.EndpointControllers;
using PcieFabric.Engine;
using PcieFabric.Requests;

namespace PcieFabric.Doorbells;

/// <summary>What doorbells need of the processor that runs a function's software.</summary>
public interface IDoorbellProcessor
{
    LocalMemory Memory { get; }

    BoundController Controller { get; }

    /// <summary>A store to a local device.</summary>
    ValueTask<RequestResult> WriteAsync(ulong localAddress, Memory<byte> from);

    ValueTask DelayAsync(SimTime delay);

    /// <summary>Runs code beside everything else.</summary>
    void Watch(Task task);

    /// <summary>Runs an interrupt handler in the software's next turn.</summary>
    void Run(ActorSynchronizationContext.IAwaited handler);
}
