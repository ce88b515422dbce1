using PcieFabric.EndpointFunctions;
using PcieFabric.Engine;
using PcieFabric.InterruptControllers;

namespace PcieFabric.Topologies.Building;

/// <summary>What makes doorbells of one endpoint; null where its controller's profile has none. To be read while the engine stands still.</summary>
public sealed class EndpointInterrupts
{
    public MessageInterruptController? Messages { get; internal set; }

    public InterruptMessageStore? Store { get; internal set; }

    public EmbeddedDoorbell? Embedded { get; internal set; }

    internal bool IsThere => Messages is not null || Embedded is not null;

    internal void ConnectSoftware(DeterministicEngine engine, int function, BoundFunctionActor software, SimTime latency)
    {
        if (Messages is { } messages) messages.ConnectSoftware(function, engine.Connect(messages, software, BoundFunctionActor.InterruptInlet, latency));
        if (Embedded is { } embedded) embedded.ConnectSoftware(function, engine.Connect(embedded, software, BoundFunctionActor.InterruptInlet, latency));
    }
}
