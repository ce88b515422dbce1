using System.Numerics;

namespace PcieFabric.Endpoints;

/// <summary>Which BAR a request hit, as <see cref="Engine.Message.Detail"/> carries it to the model of a function. BARs are aligned to their size, so the size gives the offset.</summary>
public readonly record struct BarHit(uint Detail)
{
    public BarHit(int bar, ulong sizeBytes)
        : this((uint)bar | (uint)BitOperations.Log2(sizeBytes) << 8)
    {
    }

    /// <summary>0 to 5, 6 for the expansion ROM.</summary>
    public int Bar => (int)(Detail & 0xFF);

    public ulong OffsetOf(ulong address) => address & ((1ul << (int)(Detail >> 8)) - 1);
}
