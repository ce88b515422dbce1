using PcieFabric.ConfigSpaces;
using PcieFabric.RootComplexes.Enumeration;

namespace PcieFabric.HostDrivers;

/// <summary>What each BAR of a virtual NTB holds, which its registers do not tell (Linux: <c>barno_map</c> of ntb_hw_epf.c, by device ID).</summary>
/// <param name="Config">Registers and scratchpads of both sides.</param>
/// <param name="Windows">In their order.</param>
public sealed record NtbEpfBars(int Config, int Doorbells, IReadOnlyList<int> Windows)
{
    /// <summary>As the function takes them where the hardware reserves none: one after the other.</summary>
    /// <returns>Null where there are too few.</returns>
    public static NtbEpfBars? InOrder(EnumeratedFunction function)
    {
        int[] bars = [.. function.Bars.Where(bar => bar.Kind != BarKind.Io).Select(bar => bar.Index)];
        return bars.Length < 3 ? null : new NtbEpfBars(bars[0], bars[1], bars[2..]);
    }
}
