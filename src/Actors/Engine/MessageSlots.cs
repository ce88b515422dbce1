namespace PcieFabric.Engine;

/// <summary>
/// Rings of one message for the channels that end in a partition, of which most are empty most of the time: each has one while it holds a message, so that a quiet
/// fabric keeps few, and those that change hands stay in the processor's cache.
/// </summary>
internal sealed class MessageSlots
{
    private readonly Stack<Message[]> _free = new();

    public Message[] Rent() => _free.TryPop(out var slot) ? slot : new Message[1];

    public void Return(Message[] slot) => _free.Push(slot);

    /// <summary>Lets go what only a burst needed, such as the start of a large fabric.</summary>
    public void Trim(int busyChannels)
    {
        var spare = EngineLimits.SpareMessageSlots + 8 * busyChannels;
        if (_free.Count <= 2 * spare) return;
        while (_free.Count > spare) _free.Pop();
        _free.TrimExcess();
    }
}
