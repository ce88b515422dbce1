namespace PcieFabric.RootComplexes.PeerToPeer;

/// <summary>The root complexes of which Linux knows that they forward peer-to-peer requests (7.2, drivers/pci/p2pdma.c).</summary>
public static class HostBridgeWhitelist
{
    private const ushort Intel = 0x8086, Google = 0x1AE0;

    /// <summary>AMD's Zen.</summary>
    private const int FirstForwardingAmdFamily = 0x17;

    /// <summary>Null as a device is any of the vendor's.</summary>
    private static readonly (ushort Vendor, ushort? Device, bool SameBridgeOnly)[] Known =
    [
        // Xeon E5 and Core i7, then Xeon E7 v3 and E5 v3.
        (Intel, 0x3C00, true),
        (Intel, 0x3C01, true),
        (Intel, 0x2F00, true),
        (Intel, 0x2F01, true),
        // Skylake-E: root ports A to D, and the DMI port in the first's place; then Ice Lake and what follows.
        (Intel, 0x2030, false),
        (Intel, 0x2031, false),
        (Intel, 0x2032, false),
        (Intel, 0x2033, false),
        (Intel, 0x2020, false),
        (Intel, 0x09A2, false),
        // Root buses that start with an accelerator: DSA and IAX of Sapphire Rapids, DSA of Granite Rapids D, DSA and IAA of Diamond Rapids.
        (Intel, 0x0B25, false),
        (Intel, 0x0CFE, false),
        (Intel, 0x11FB, false),
        (Intel, 0x1212, false),
        (Intel, 0x1216, false),
        // QAT 4xxx, 401xx, 402xx, 420xx, 6xxx.
        (Intel, 0x4940, false),
        (Intel, 0x4942, false),
        (Intel, 0x4944, false),
        (Intel, 0x4946, false),
        (Intel, 0x4948, false),
        (Google, null, false),
    ];

    /// <summary>Whether a request may go from one root bus to another, or up and down the same.</summary>
    /// <param name="isSameBridge">Both are below one host bridge.</param>
    public static bool Allows(Processor processor, HostBridge one, HostBridge other, bool isSameBridge)
    {
        if (processor is { Vendor: ProcessorVendor.Amd, Family: >= FirstForwardingAmdFamily }) return true;
        return Allows(one, isSameBridge) && (isSameBridge || Allows(other, isSameBridge));
    }

    private static bool Allows(HostBridge bridge, bool isSameBridge)
    {
        foreach (var (vendor, device, sameBridgeOnly) in Known)
            if (bridge.VendorId == vendor && (device is null || device == bridge.DeviceId))
                return isSameBridge || !sameBridgeOnly;
        return false;
    }
}
