using PcieFabric.ConfigSpaces.Capabilities;

namespace PcieFabric.RootComplexes.Enumeration;

/// <summary>
/// Sets Device Control so that all functions below one root port agree: every port on the way must take the payloads that any function sends
/// (PCIe 6.0 section 2.2.2), and every completer must return the tags that any requester uses (section 2.2.6.2).
/// </summary>
internal sealed class HierarchyTuning(IConfigurationAccess access, EnumeratorOptions options)
{
    private const int RelaxedOrderingEnable = 1 << 4;
    private const int MaxPayloadShift = 5;
    private const int ExtendedTagEnable = 1 << 8;
    private const int NoSnoopEnable = 1 << 11;
    private const int MaxReadRequestShift = 12;
    private const int TenBitTagEnable = 1 << 12;

    // A function resets if a one is written here; a bridge to PCI has another flag, which reset leaves clear.
    private const int InitiateFunctionLevelReset = 1 << 15;

    /// <param name="top">A function of the root bus.</param>
    public async ValueTask ApplyAsync(DiscoveredFunction top)
    {
        var payload = Limits.MaxPayloadBytes;
        var tenBitCompleters = true;
        foreach (var function in top.DepthFirst())
        {
            if (function.PciExpress is not { } express) continue;
            payload = Math.Min(payload, express.MaxPayloadSupported);
            tenBitCompleters &= express.TenBitTagCompleter;
        }
        foreach (var function in top.DepthFirst())
        {
            if (function.PciExpress is not { } express) continue;
            await express.WriteDeviceControlAsync(access, function.Bdf, (ushort)DeviceControl(express, payload));
            var tenBit = options.EnableTenBitTags && tenBitCompleters && express.TenBitTagRequester;
            await express.WriteDeviceControl2Async(access, function.Bdf, (ushort)With(express.DeviceControl2, TenBitTagEnable, tenBit));
        }
    }

    private int DeviceControl(PciExpressRegisters express, int payload)
    {
        var control = express.DeviceControl & ~(InitiateFunctionLevelReset | (int)ErrorReporting.All) | (int)options.ErrorReporting;
        control = With(control, RelaxedOrderingEnable, options.EnableRelaxedOrdering);
        control = With(control, ExtendedTagEnable, options.EnableExtendedTags && express.ExtendedTagSupported);
        control = With(control, NoSnoopEnable, options.EnableNoSnoop);
        if (options.TuneMaxPayloadSize) control = control & ~(7 << MaxPayloadShift) | (int)PayloadSize.Encode(payload) << MaxPayloadShift;
        if (options.MaxReadRequestSize is { } bytes) control = control & ~(7 << MaxReadRequestShift) | (int)PayloadSize.Encode(bytes) << MaxReadRequestShift;
        return control;
    }

    private static int With(int control, int flag, bool on) => on ? control | flag : control & ~flag;
}
