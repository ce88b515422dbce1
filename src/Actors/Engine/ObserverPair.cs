namespace PcieFabric.Engine;

/// <summary>Two observers of one partition, in the order in which they came.</summary>
internal sealed class ObserverPair(IMessageObserver first, IMessageObserver second) : IMessageObserver
{
    public void Delivered(ref readonly Message message, int channelId, int receiver)
    {
        first.Delivered(in message, channelId, receiver);
        second.Delivered(in message, channelId, receiver);
    }

    public bool Watches(int receiver) => first.Watches(receiver) || second.Watches(receiver);
}
