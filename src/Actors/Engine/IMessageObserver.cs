namespace PcieFabric.Engine;

/// <summary>Sees every message of one partition as it is delivered, just before its receiver does. Called by one thread at a time.</summary>
public interface IMessageObserver
{
    /// <param name="receiver">The receiver's index, in the order of spawning.</param>
    void Delivered(ref readonly Message message, int channelId, int receiver);
}
