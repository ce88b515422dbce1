using System.Runtime.CompilerServices;

namespace PcieFabric.Engine;

/// <summary>
/// Places for messages, a power of two of them, each a cache line of its own. An array's elements begin behind its header: each message would lie across two lines, which all
/// that writes or reads one would have to fetch.
/// </summary>
internal readonly unsafe struct MessageRing
{
    /// <summary>Pinned, and kept as long as the ring is.</summary>
    private readonly Message[] _memory;
    private readonly Message* _first;

    public MessageRing(int length)
    {
        _memory = GC.AllocateUninitializedArray<Message>(length + 1, pinned: true);
        var start = (nuint)Unsafe.AsPointer(ref _memory[0]);
        _first = (Message*)((start + Message.SizeBytes - 1) & ~(nuint)(Message.SizeBytes - 1));
    }

    /// <param name="place">Below the ring's length, which who has the ring knows.</param>
    public ref Message this[int place]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref _first[place];
    }
}
