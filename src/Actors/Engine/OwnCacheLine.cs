using System.Runtime.InteropServices;

namespace PcieFabric.Engine;

/// <summary>
/// A number that one thread writes and others read: with nothing else on its cache line, nor on the one that the processor fetches along with it, so
/// that neither waits for what does not concern it.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal struct OwnCacheLine
{
    [FieldOffset(128)] private long _value;

    /// <summary>Who reads a value sees all that was written before it.</summary>
    public long Value
    {
        readonly get => Volatile.Read(in _value);
        set => Volatile.Write(ref _value, value);
    }
}
