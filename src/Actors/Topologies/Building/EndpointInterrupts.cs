using PcieFabric.EndpointFunctions;
using PcieFabric.Engine;
using PcieFabric.InterruptControllers;

namespace PcieFabric.Topologies.Building;

/// <summary>The interrupt controller of one endpoint, and the store before it, where its controller's profile has them. To be read while the engine stands still.</summary>
public sealed class EndpointInterrupts
{
    public MessageInterruptController? Messages { get; internal set; }

    public InterruptMessageStore? Store { get; internal set; }

    internal void ConnectSoftware(DeterministicEngine engine, int function, BoundFunctionActor software, SimTime latency)
    {
        if (Messages is { } messages) messages.ConnectSoftware(function, engine.Connect(messages, software, BoundFunctionActor.InterruptInlet, latency));
    }
}
