using PcieFabric.ConfigSpaces.Capabilities;

namespace PcieFabric.RootComplexes.Enumeration;

/// <summary>Finds which Routing IDs and addresses the VFs of a function can take (PCIe 6.0 sections 9.2.1.1 and 9.2.1.2), and leaves them disabled.</summary>
internal static class VirtualFunctionSizing
{
    private const uint AriCapableHierarchy = 1u << 4;
    private const int VfBars = 6;

    /// <param name="ari">ARI Forwarding is on in the port above, so the VFs may stand closer together.</param>
    public static async ValueTask ReadAsync(IConfigurationAccess access, DiscoveredFunction function, bool ari)
    {
        var capability = function.FindExtendedCapability(ExtendedCapabilityId.SingleRootIoVirtualization);
        if (capability == 0) return;
        var bdf = function.Bdf;
        var control = (ushort)await access.ReadAsync(bdf, capability + ConfigurationRegister.SrIovControl);
        var disabled = control & ~(VirtualFunctionSetup.Enables | AriCapableHierarchy) | (ari ? AriCapableHierarchy : 0);
        if (disabled != control) await access.WriteAsync(bdf, capability + ConfigurationRegister.SrIovControl, disabled, ConfigurationRegister.LowWord);

        var total = await access.ReadAsync(bdf, capability + ConfigurationRegister.InitialAndTotalVfs) >> 16;
        if (total == 0) return;
        function.TotalVfs = (int)total;
        // Offset and stride may depend on the number of VFs.
        await access.WriteAsync(bdf, capability + ConfigurationRegister.NumVfs, total, ConfigurationRegister.LowWord);
        var layout = await access.ReadAsync(bdf, capability + ConfigurationRegister.VfOffsetAndStride);
        await access.WriteAsync(bdf, capability + ConfigurationRegister.NumVfs, 0, ConfigurationRegister.LowWord);
        function.LastRoutingId = (int)Math.Min(int.MaxValue, bdf.Value + (ushort)layout + (long)(total - 1) * (layout >> 16));
        await BarSizing.ReadBarsAsync(access, function, capability + ConfigurationRegister.VfBaseAddress, VfBars, AddressRequestKind.VirtualFunctionBar, total);
    }
}
