namespace PcieFabric.Engine;

/// <summary>Sees every message of one partition as it is delivered, just before its receiver does. Called by one thread at a time.</summary>
public interface IMessageObserver
{
    /// <param name="receiver">The receiver's index, in the order of spawning.</param>
    void Delivered(ref readonly Message message, int channelId, int receiver);

    /// <summary>
    /// Whether it wants to see what the receiver gets from now on; otherwise bulk transfers may pass the receiver by as trains. Who begins to watch must do so before
    /// what it wants to see is sent.
    /// </summary>
    bool Watches(int receiver) => true;
}
