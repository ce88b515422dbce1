namespace PcieFabric.Engine;

/// <summary>SplitMix64 (Steele, Lea, Flood, OOPSLA 2014): small, fast, the same on every machine.</summary>
public sealed class DeterministicRandom(ulong seed)
{
    private ulong _state = seed;

    public ulong NextUInt64()
    {
        var z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <returns>0 to <paramref name="bound"/> − 1, evenly.</returns>
    public int Next(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bound);
        return (int)Math.BigMul(NextUInt64(), (ulong)bound, out _);
    }

    public void Fill(Span<byte> bytes)
    {
        foreach (ref var value in bytes) value = (byte)NextUInt64();
    }
}
