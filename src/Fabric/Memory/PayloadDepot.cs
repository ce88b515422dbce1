using System.Numerics;
using System.Runtime.InteropServices;

namespace PcieFabric.Memory;

/// <summary>The payload blocks of one fabric: allocates slabs, and evens out the pools of its partitions. Thread-safe.</summary>
public sealed unsafe class PayloadDepot : IDisposable
{
    private const int SmallestBytes = 32;
    private const int LargestBytes = Limits.MaxPayloadBytes;

    internal const int SizeClasses = 8;

    private readonly Lock _gate = new();
    private readonly PayloadPool.FreeList[] _free = new PayloadPool.FreeList[SizeClasses];
    private readonly List<nint> _slabs = [];
    private int _blocks;
    private int _pools;

    /// <summary>Sixteen bytes before each payload, so that the payload itself stays aligned.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 16)]
    internal struct Block
    {
        public Block* Next;
        public int SizeClass;

        /// <summary>Blocks of a depot count from zero.</summary>
        public int Number;
    }

    internal static int ClassOf(int sizeBytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)(sizeBytes - 1), (uint)(LargestBytes - 1), nameof(sizeBytes));
        return sizeBytes <= SmallestBytes ? 0 : BitOperations.Log2((uint)(sizeBytes - 1)) - 4;
    }

    internal int TakePoolNumber() => Interlocked.Increment(ref _pools);

    internal PayloadPool.FreeList Take(int sizeClass, int count)
    {
        lock (_gate)
        {
            ref var shared = ref _free[sizeClass];
            if (shared.Count < count) Grow(sizeClass, ref shared);
            return Split(ref shared, count);
        }
    }

    internal void Put(ref PayloadPool.FreeList from, int count)
    {
        var batch = Split(ref from, count);
        var last = batch.Head;
        while (last->Next is not null) last = last->Next;
        lock (_gate)
        {
            ref var shared = ref _free[batch.Head->SizeClass];
            last->Next = shared.Head;
            shared.Head = batch.Head;
            shared.Count += batch.Count;
        }
    }

    private static PayloadPool.FreeList Split(ref PayloadPool.FreeList from, int count)
    {
        var taken = new PayloadPool.FreeList { Head = from.Head, Count = count };
        var last = from.Head;
        for (var i = 1; i < count; i++) last = last->Next;
        from.Head = last->Next;
        from.Count -= count;
        last->Next = null;
        return taken;
    }

    private void Grow(int sizeClass, ref PayloadPool.FreeList shared)
    {
        var blockBytes = sizeof(Block) + (SmallestBytes << sizeClass);
        var blocks = Math.Max(256, (256 << 10) / blockBytes);
        var slab = (byte*)NativeMemory.AlignedAlloc((nuint)(blocks * blockBytes), 64);
        _slabs.Add((nint)slab);
        for (var i = 0; i < blocks; i++)
        {
            var block = (Block*)(slab + i * blockBytes);
            block->SizeClass = sizeClass;
            block->Number = _blocks++;
            block->Next = shared.Head;
            shared.Head = block;
        }
        shared.Count += blocks;
    }

    public void Dispose()
    {
        foreach (var slab in _slabs) NativeMemory.AlignedFree((void*)slab);
        _slabs.Clear();
        GC.SuppressFinalize(this);
    }

    ~PayloadDepot() => Dispose();
}
