using PcieFabric.Addressing;
using PcieFabric.ConfigSpaces;
using PcieFabric.RootComplexes.Enumeration;

namespace PcieFabric.VfioUser.Live;

/// <summary>
/// The Base Address Registers that a guest sees (PCIe 6.0 section 7.5.1.2.1): it sizes them and writes what addresses it likes, while the function keeps those that it has on the fabric's own bus.
/// </summary>
internal sealed class VirtualBars
{
    public const int FirstOffset = 0x10;
    public const int Registers = 6;

    private const uint IoBit = 1, Memory64Bit = 4, PrefetchableBit = 8;

    private readonly uint[] _written = new uint[Registers];
    private readonly EnumeratedBar?[] _bars = new EnumeratedBar?[Registers];

    public VirtualBars(IEnumerable<EnumeratedBar> bars)
    {
        foreach (var bar in bars) _bars[bar.Index] = bar;
    }

    public EnumeratedBar? this[int index] => _bars[index];

    public static bool Has(int offset) => offset is >= FirstOffset and < FirstOffset + 4 * Registers;

    public uint Read(int offset)
    {
        var index = (offset - FirstOffset) / 4;
        if (_bars[index] is { } bar) return (_written[index] & (uint)~(bar.Range.Size - 1)) | TypeBits(bar);
        return UpperOf(index) is { } lower ? _written[index] & (uint)(~(lower.Range.Size - 1) >> 32) : 0;
    }

    public void Write(int offset, uint value, uint mask)
    {
        var index = (offset - FirstOffset) / 4;
        _written[index] = (_written[index] & ~mask) | (value & mask);
    }

    public void Reset() => Array.Clear(_written);

    /// <summary>The memory BARs where the guest has put them, and where they are on the fabric's own bus.</summary>
    public IEnumerable<(AddressRange Range, ulong FabricAddress)> MemoryRanges()
    {
        foreach (var bar in _bars)
        {
            if (bar is null || bar.Kind == BarKind.Io) continue;
            var address = AddressOf(bar);
            if (address != 0) yield return (new AddressRange(address, bar.Range.Size), bar.Range.Base);
        }
    }

    private ulong AddressOf(EnumeratedBar bar)
    {
        var low = Read(FirstOffset + 4 * bar.Index) & ~15u;
        return bar.Kind == BarKind.Memory64 ? low | (ulong)Read(FirstOffset + 4 * (bar.Index + 1)) << 32 : low;
    }

    private EnumeratedBar? UpperOf(int index) => index > 0 && _bars[index - 1] is { Kind: BarKind.Memory64 } lower ? lower : null;

    private static uint TypeBits(EnumeratedBar bar) =>
        bar.Kind == BarKind.Io ? IoBit : (bar.Kind == BarKind.Memory64 ? Memory64Bit : 0) | (bar.Prefetchable ? PrefetchableBit : 0);
}
