using PcieFabric.ConfigSpaces;
using PcieFabric.Input;

namespace PcieFabric.RootComplexes.Enumeration;

/// <summary>
/// Finds how large BARs are, as drivers do: write all ones, read back which bits stick, restore (PCIe 6.0 section 7.5.1.2.1). The function must not decode
/// addresses meanwhile.
/// </summary>
internal static class BarSizing
{
    private const uint RomAddress = 0xFFFF_F800;

    /// <param name="first">Offset of the first register, in bytes.</param>
    /// <param name="registers">How many there are.</param>
    /// <param name="copies">Each BAR asks for as many times its size, for so many VFs.</param>
    /// <exception cref="InputException">The last register claims to be the first half of a 64-bit BAR.</exception>
    public static async ValueTask ReadBarsAsync(IConfigurationAccess access, DiscoveredFunction function, int first, int registers, AddressRequestKind kind, uint copies = 1)
    {
        for (var index = 0; index < registers; index++)
        {
            var bar = index;
            var offset = first + 4 * bar;
            var (ones, original) = await ProbeAsync(access, function.Bdf, offset, uint.MaxValue);
            if (ones == 0) continue;
            ulong address;
            var space = BarKind.Memory32;
            if ((ones & 1) != 0)
            {
                space = BarKind.Io;
                address = ones & ~3u;
            }
            else if ((ones >> 1 & 3) == 2)
            {
                if (++index == registers) throw new InputException($"{function.Bdf}: BAR {bar} claims 64 bits, and it is the last register", "make it 32 bits wide or move it to an earlier register");
                space = BarKind.Memory64;
                var (upper, originalUpper) = await ProbeAsync(access, function.Bdf, offset + 4, uint.MaxValue);
                await access.WriteAsync(function.Bdf, offset + 4, originalUpper);
                address = (ulong)upper << 32 | ones & ~15u;
            }
            else
            {
                address = ones & ~15u;
            }
            await access.WriteAsync(function.Bdf, offset, original);
            if (address == 0) continue;
            var size = LowestBit(address);
            function.Requests.Add(new AddressRequest(function, kind, Times(size, copies), size)
            {
                Index = bar,
                Space = space,
                Prefetchable = space != BarKind.Io && (ones & 8) != 0,
            });
        }
    }

    public static async ValueTask ReadExpansionRomAsync(IConfigurationAccess access, DiscoveredFunction function, int offset)
    {
        var (ones, original) = await ProbeAsync(access, function.Bdf, offset, RomAddress);
        if ((ones & RomAddress) == 0) return;
        // It may share its decoder with a BAR, so it stays off until a driver wants it.
        await access.WriteAsync(function.Bdf, offset, original & RomAddress);
        var size = LowestBit(ones & RomAddress);
        function.Requests.Add(new AddressRequest(function, AddressRequestKind.ExpansionRom, size, size));
    }

    private static async ValueTask<(uint Ones, uint Original)> ProbeAsync(IConfigurationAccess access, Bdf function, int offset, uint ones)
    {
        var original = await access.ReadAsync(function, offset);
        await access.WriteAsync(function, offset, ones);
        return (await access.ReadAsync(function, offset), original);
    }

    private static ulong LowestBit(ulong value) => value & (~value + 1);

    // What overflows fits no window; it is reported where the window is known.
    private static ulong Times(ulong size, uint copies) => size > ulong.MaxValue / copies ? ulong.MaxValue : size * copies;
}
