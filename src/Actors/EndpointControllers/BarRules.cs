using System.Numerics;
using PcieFabric.EndpointControllers.Profiles;

namespace PcieFabric.EndpointControllers;

/// <summary>Which BARs a controller's functions can have (Linux: <c>pci_epc_set_bar</c>, and what the drivers add).</summary>
internal static class BarRules
{
    private const ulong SmallestBar = 128;
    private const ulong SmallestResizable = 1ul << 20;
    private const ulong LargestResizable = 1ul << 47;

    public static ControllerRule Check(ControllerProfile profile, int bar, ulong sizeBytes, BarFlags flags)
    {
        if ((uint)bar >= ControllerProfile.BarCount) return ControllerRule.NoSuchBar;
        var kind = profile.Bars[bar];
        var is64Bit = (flags & BarFlags.Memory64) != 0;
        switch (kind.Use)
        {
            case BarUse.Reserved: return ControllerRule.BarReserved;
            case BarUse.Disabled: return ControllerRule.BarDisabled;
            case BarUse.UpperHalf: return ControllerRule.BarIsUpperHalf;
            case BarUse.Fixed when sizeBytes != kind.SizeBytes: return ControllerRule.BarFixedSize;
            case BarUse.Resizable when sizeBytes is < SmallestResizable or > LargestResizable: return ControllerRule.BarResizableSize;
        }
        if (!BitOperations.IsPow2(sizeBytes) || sizeBytes < SmallestBar) return ControllerRule.BarSizeNoPowerOfTwo;
        if (is64Bit && (bar % 2 != 0 || profile.Bars[bar + 1].Use is not (BarUse.Programmable or BarUse.UpperHalf))) return ControllerRule.BarTakesTwoRegisters;
        if (!is64Bit && kind.Only64Bit) return ControllerRule.BarOnly64Bit;
        if (!is64Bit && sizeBytes > uint.MaxValue >> 1) return ControllerRule.BarNeeds64Bit;
        return ControllerRule.None;
    }
}
