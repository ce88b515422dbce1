using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace PcieFabric.Journals;

/// <summary>
/// A running 64-bit fingerprint: order matters, and equal input gives an equal value on every machine and in every process. It is
/// made to notice differences between runs, not to withstand an adversary.
/// </summary>
public struct Digest(ulong seed)
{
    private const ulong First = 0x9E3779B97F4A7C15, Second = 0xD6E8FEB86659FD93;

    private ulong _state = seed ^ First;

    public readonly ulong Value => _state;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(ulong value)
    {
        var high = Math.BigMul(_state ^ value, First ^ (value << 1), out var low);
        _state = (high ^ low) + Second;
    }

    /// <summary>Adds the bytes and their number, so that no two sequences of calls collide by running into each other.</summary>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        Add((ulong)bytes.Length);
        var words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (var word in words) Add(word);
        ulong rest = 0;
        for (var i = words.Length * sizeof(ulong); i < bytes.Length; i++) rest = rest << 8 | bytes[i];
        if (bytes.Length % sizeof(ulong) != 0) Add(rest);
    }

    public void Add(string text) => Add(MemoryMarshal.AsBytes(text.AsSpan()));

    public override readonly string ToString() => _state.ToString("x16");
}
