using PcieFabric.ConfigSpaces;

namespace PcieFabric.RootComplexes.Enumeration;

/// <summary>Writes into a function what was decided for it: addresses, windows, Device Control, and at last the Command register.</summary>
internal sealed class FunctionSetup(IConfigurationAccess access, EnumeratorOptions options)
{
    private const int BridgeSerrEnable = 1 << 1;

    // Above the limit of zero: nothing passes.
    private const uint ClosedMemoryWindow = 0x0000_FFF0;
    private const uint ClosedIoWindow = 0x00F0;

    public async ValueTask WriteAddressesAsync(DiscoveredFunction function)
    {
        foreach (var request in function.Requests)
        {
            var offset = request.Kind switch
            {
                AddressRequestKind.Bar => ConfigurationRegister.BaseAddress + 4 * request.Index,
                AddressRequestKind.VirtualFunctionBar => VfBar(function, request.Index),
                AddressRequestKind.ExpansionRom => function.Bridge is null ? ConfigurationRegister.ExpansionRomType0 : ConfigurationRegister.ExpansionRomType1,
                _ => throw new InvalidOperationException($"{function.Bdf}: a {request.Kind} has no register of its own"),
            };
            await access.WriteAsync(function.Bdf, offset, (uint)request.Base);
            if (request.Space == BarKind.Memory64) await access.WriteAsync(function.Bdf, offset + 4, (uint)(request.Base >> 32));
        }
        if (function.Bridge is { } bridge) await WriteWindowsAsync(function.Bdf, bridge);
    }

    public async ValueTask EnableAsync(DiscoveredFunction function)
    {
        var reportsErrors = options.ErrorReporting != ErrorReporting.None;
        var command = (int)function.Command;
        if (options.EnableBusMaster) command |= CommandBits.BusMasterEnable;
        if (reportsErrors) command |= CommandBits.SerrEnable;
        if (options.EnableDecode)
        {
            if (Decodes(function, io: true)) command |= CommandBits.IoSpaceEnable;
            if (Decodes(function, io: false)) command |= CommandBits.MemorySpaceEnable;
        }
        if (function.Bridge is { } bridge)
        {
            var control = bridge.Control & ~BridgeSerrEnable | (reportsErrors ? BridgeSerrEnable : 0);
            if (control != bridge.Control) await access.WriteAsync(function.Bdf, ConfigurationRegister.InterruptAndBridgeControl, (uint)control << 16, ConfigurationRegister.HighWord);
        }
        if (command == function.Command) return;
        function.Command = (ushort)command;
        await access.WriteAsync(function.Bdf, ConfigurationRegister.CommandAndStatus, (uint)command, ConfigurationRegister.LowWord);
    }

    private static int VfBar(DiscoveredFunction function, int index) =>
        function.FindExtendedCapability(ConfigSpaces.Capabilities.ExtendedCapabilityId.SingleRootIoVirtualization) + ConfigurationRegister.VfBaseAddress + 4 * index;

    private static bool Decodes(DiscoveredFunction function, bool io)
    {
        foreach (var request in function.Requests)
        {
            // A ROM and VF BARs have enables of their own.
            if (request.Kind == AddressRequestKind.Bar && request.Space == BarKind.Io == io) return true;
        }
        if (function.Bridge is not { } bridge) return false;
        return io ? bridge[AddressSpace.Io] is not null : (bridge[AddressSpace.Memory] ?? bridge[AddressSpace.PrefetchableMemory]) is not null;
    }

    private async ValueTask WriteWindowsAsync(Bdf bdf, BridgeRegisters bridge)
    {
        var memory = bridge.Range(AddressSpace.Memory);
        await access.WriteAsync(bdf, ConfigurationRegister.MemoryWindow, MemoryWindow(memory));

        var prefetchable = bridge.Range(AddressSpace.PrefetchableMemory);
        if (bridge.PrefetchableWindow != WindowKind.None) await access.WriteAsync(bdf, ConfigurationRegister.PrefetchableWindow, MemoryWindow(prefetchable));
        if (bridge.PrefetchableWindow == WindowKind.Wide)
        {
            await access.WriteAsync(bdf, ConfigurationRegister.PrefetchableBaseUpper, prefetchable.IsEmpty ? 0 : (uint)(prefetchable.Base >> 32));
            await access.WriteAsync(bdf, ConfigurationRegister.PrefetchableLimitUpper, prefetchable.IsEmpty ? 0 : (uint)(prefetchable.Last >> 32));
        }

        var io = bridge.Range(AddressSpace.Io);
        if (bridge.IoWindow == WindowKind.None) return;
        var window = io.IsEmpty ? ClosedIoWindow : (uint)(io.Base >> 8 & 0xF0 | io.Last & 0xF000);
        await access.WriteAsync(bdf, ConfigurationRegister.IoWindow, window, ConfigurationRegister.LowWord);
        if (bridge.IoWindow != WindowKind.Wide) return;
        var upper = io.IsEmpty ? 0 : (uint)(io.Base >> 16 | io.Last & 0xFFFF_0000);
        await access.WriteAsync(bdf, ConfigurationRegister.IoWindowUpper, upper);
    }

    /// <summary>Base in bits 15:4 and limit in bits 31:20, each the address from bit 20 (PCIe 6.0 section 7.5.1.3.8).</summary>
    private static uint MemoryWindow(AddressRange range) =>
        range.IsEmpty ? ClosedMemoryWindow : (uint)(range.Base >> 16 & 0xFFF0 | range.Last & 0xFFF0_0000);
}
