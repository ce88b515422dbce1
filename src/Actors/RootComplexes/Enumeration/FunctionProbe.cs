using PcieFabric.ConfigSpaces;
using PcieFabric.ConfigSpaces.Capabilities;

namespace PcieFabric.RootComplexes.Enumeration;

/// <summary>Reads all that enumeration wants to know of one function, and quiets it: no decode, no bus mastering, no error reports until it is set up.</summary>
internal sealed class FunctionProbe(IConfigurationAccess access)
{
    private const ushort Nobody = 0xFFFF;
    private const int Type0Bars = 6;
    private const int Type1Bars = 2;

    /// <returns>Null where there is no function.</returns>
    public async ValueTask<DiscoveredFunction?> TryReadAsync(Bdf bdf, DiscoveredFunction? parent)
    {
        var id = await access.ReadAsync(bdf, ConfigurationRegister.VendorAndDevice);
        if ((ushort)id == Nobody) return null;
        var header = await access.ReadAsync(bdf, ConfigurationRegister.HeaderType) >> 16;
        var layout = header & 0x7F;
        var function = new DiscoveredFunction(bdf, parent) { MultiFunction = (header & 0x80) != 0 };
        var commandAndStatus = await access.ReadAsync(bdf, ConfigurationRegister.CommandAndStatus);
        await QuietAsync(function, (ushort)commandAndStatus);
        function.Capabilities = await CapabilityWalk.StandardAsync(access, bdf, commandAndStatus);
        await ReadPciExpressAsync(function);
        function.Identity = await ReadIdentityAsync(function, id, layout);
        var interrupt = await access.ReadAsync(bdf, ConfigurationRegister.InterruptAndBridgeControl);
        function.InterruptPin = (byte)(interrupt >> 8);
        switch (layout)
        {
            case 0:
                await BarSizing.ReadBarsAsync(access, function, ConfigurationRegister.BaseAddress, Type0Bars, AddressRequestKind.Bar);
                await BarSizing.ReadExpansionRomAsync(access, function, ConfigurationRegister.ExpansionRomType0);
                break;
            case 1:
                function.Bridge = await ReadBridgeAsync(bdf, (ushort)(interrupt >> 16));
                await BarSizing.ReadBarsAsync(access, function, ConfigurationRegister.BaseAddress, Type1Bars, AddressRequestKind.Bar);
                await BarSizing.ReadExpansionRomAsync(access, function, ConfigurationRegister.ExpansionRomType1);
                break;
        }
        return function;
    }

    /// <summary>Reads a virtual function, which is there and says so to nobody: its ids and BARs come from its physical function.</summary>
    /// <param name="vf">From zero.</param>
    public async ValueTask<DiscoveredFunction> ReadVirtualAsync(Bdf bdf, EnumeratedFunction physical, ushort deviceId, int vf)
    {
        var function = new DiscoveredFunction(bdf, null);
        var commandAndStatus = await access.ReadAsync(bdf, ConfigurationRegister.CommandAndStatus);
        function.Command = (ushort)commandAndStatus;
        function.Capabilities = await CapabilityWalk.StandardAsync(access, bdf, commandAndStatus);
        await ReadPciExpressAsync(function);
        function.Identity = await ReadIdentityAsync(function, (uint)deviceId << 16 | physical.Identity.VendorId, 0);
        foreach (var bar in physical.VirtualFunctionBars)
        {
            var size = bar.Range.Size / (ulong)physical.TotalVfs;
            var request = new AddressRequest(function, AddressRequestKind.Bar, size, size) { Index = bar.Index, Space = bar.Kind, Prefetchable = bar.Prefetchable };
            request.Place(bar.Range.Base + (ulong)vf * size);
            function.Requests.Add(request);
        }
        return function;
    }

    private async ValueTask QuietAsync(DiscoveredFunction function, ushort command)
    {
        function.Command = (ushort)(command & ~CommandBits.All);
        if (function.Command != command) await access.WriteAsync(function.Bdf, ConfigurationRegister.CommandAndStatus, function.Command, ConfigurationRegister.LowWord);
    }

    private async ValueTask ReadPciExpressAsync(DiscoveredFunction function)
    {
        var offset = function.FindCapability(CapabilityId.PciExpress);
        if (offset == 0) return;
        var bdf = function.Bdf;
        var capability = await access.ReadAsync(bdf, offset) >> 16;
        var hasSecondSet = (capability & 15) >= 2;
        function.PciExpress = new PciExpressRegisters
        {
            Offset = offset,
            PortType = (PortType)(capability >> 4 & 15),
            DeviceCapabilities = await access.ReadAsync(bdf, offset + ConfigurationRegister.DeviceCapabilities),
            DeviceControl = (ushort)await access.ReadAsync(bdf, offset + ConfigurationRegister.DeviceControl),
            LinkCapabilities = await access.ReadAsync(bdf, offset + ConfigurationRegister.LinkCapabilities),
            LinkStatus = (ushort)(await access.ReadAsync(bdf, offset + ConfigurationRegister.LinkControl) >> 16),
            DeviceCapabilities2 = hasSecondSet ? await access.ReadAsync(bdf, offset + ConfigurationRegister.DeviceCapabilities2) : 0,
            DeviceControl2 = hasSecondSet ? (ushort)await access.ReadAsync(bdf, offset + ConfigurationRegister.DeviceControl2) : (ushort)0,
        };
        // Asking for functions that are not there is an Unsupported Request, which nobody wants to hear of.
        var quiet = function.PciExpress.DeviceControl & ~(uint)ErrorReporting.All;
        await function.PciExpress.WriteDeviceControlAsync(access, bdf, (ushort)quiet);
        function.ExtendedCapabilities = await CapabilityWalk.ExtendedAsync(access, bdf);
    }

    private async ValueTask<FunctionIdentity> ReadIdentityAsync(DiscoveredFunction function, uint id, uint layout)
    {
        var revisionAndClass = await access.ReadAsync(function.Bdf, ConfigurationRegister.RevisionAndClass);
        var subsystemId = function.FindCapability(CapabilityId.SubsystemId);
        var subsystem = layout switch
        {
            0 => await access.ReadAsync(function.Bdf, ConfigurationRegister.Subsystem),
            1 when subsystemId != 0 => await access.ReadAsync(function.Bdf, subsystemId + 4),
            _ => 0u,
        };
        return new FunctionIdentity((ushort)id, (ushort)(id >> 16), revisionAndClass >> 8, (byte)revisionAndClass, (ushort)subsystem, (ushort)(subsystem >> 16));
    }

    private async ValueTask<BridgeRegisters> ReadBridgeAsync(Bdf bdf, ushort control)
    {
        // Stale numbers of this bridge must not claim requests for the buses of another.
        await access.WriteAsync(bdf, ConfigurationRegister.BusNumbers, 0, ConfigurationRegister.AllBusNumbers);
        return new BridgeRegisters
        {
            IoWindow = await ReadWindowAsync(bdf, ConfigurationRegister.IoWindow, 0xFFFF, ConfigurationRegister.LowWord),
            PrefetchableWindow = await ReadWindowAsync(bdf, ConfigurationRegister.PrefetchableWindow, uint.MaxValue, 15),
            Control = control,
        };
    }

    /// <summary>A window that is not there reads zero whatever is written (PCIe 6.0 sections 7.5.1.3.6 and 7.5.1.3.9).</summary>
    private async ValueTask<WindowKind> ReadWindowAsync(Bdf bdf, int offset, uint mask, byte byteEnables)
    {
        var window = await access.ReadAsync(bdf, offset) & mask;
        if (window == 0)
        {
            await access.WriteAsync(bdf, offset, mask, byteEnables);
            window = await access.ReadAsync(bdf, offset) & mask;
            await access.WriteAsync(bdf, offset, 0, byteEnables);
        }
        if (window == 0) return WindowKind.None;
        return (window & 15) == 1 ? WindowKind.Wide : WindowKind.Narrow;
    }
}
