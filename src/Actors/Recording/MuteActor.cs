using PcieFabric.Engine;

namespace PcieFabric.Recording;

/// <summary>Says nothing, whatever it hears.</summary>
internal sealed class MuteActor : Actor
{
    public override void Receive(ref readonly Message message) => ReceiveStopped(in message);
}
