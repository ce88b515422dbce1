using PcieFabric.ConfigSpaces.Capabilities;
using PcieFabric.Input;

namespace PcieFabric.RootComplexes.Enumeration;

/// <summary>
/// Finds every function below a root bus and numbers the buses depth first, as firmware does. All functions of a bus are found, and their bridges silenced, before
/// any of those bridges gets numbers, so no two ever claim the same bus.
/// </summary>
internal sealed class BusScan(IConfigurationAccess access, EnumeratorOptions options)
{
    private const int Devices = 32;

    private readonly FunctionProbe _probe = new(access);
    private int _found;

    /// <returns>The functions of the root bus, with all below them.</returns>
    /// <exception cref="InputException">The bus numbers do not suffice.</exception>
    public async ValueTask<List<DiscoveredFunction>> RunAsync()
    {
        var functions = new List<DiscoveredFunction>();
        await ScanAsync(options.FirstBus, null, functions);
        return functions;
    }

    /// <returns>The highest bus number used, this one or one below.</returns>
    private async ValueTask<int> ScanAsync(int bus, DiscoveredFunction? bridge, List<DiscoveredFunction> functions)
    {
        if (bridge?.PciExpress is { } port && port.PortType.IsDownstream())
        {
            await ScanLinkAsync(bus, bridge, port, functions);
        }
        else
        {
            for (var device = 0; device < Devices; device++) await ScanDeviceAsync(bus, device, bridge, functions);
        }

        var last = bus;
        if (options.ReserveVirtualFunctions)
        {
            foreach (var function in functions)
            {
                await VirtualFunctionSizing.ReadAsync(access, function, bridge?.PciExpress?.AriForwardingEnabled ?? false);
                last = Math.Max(last, function.LastRoutingId >> 8);
                if (last > options.LastBus) throw OutOfBuses(function, $"its {function.TotalVfs} VFs");
            }
        }
        foreach (var function in functions)
        {
            if (function.Bridge is not null) last = await NumberAsync(function, function.Bridge, last + 1);
        }
        return last;
    }

    private async ValueTask<int> NumberAsync(DiscoveredFunction function, BridgeRegisters bridge, int secondary)
    {
        if (secondary > options.LastBus) throw OutOfBuses(function, "what is below it");
        bridge.SecondaryBus = secondary;
        var numbers = function.Bdf.Bus | (uint)secondary << 8 | (uint)options.LastBus << 16;
        await access.WriteAsync(function.Bdf, ConfigurationRegister.BusNumbers, numbers, ConfigurationRegister.AllBusNumbers);
        bridge.SubordinateBus = await ScanAsync(secondary, function, function.Children);
        await access.WriteAsync(function.Bdf, ConfigurationRegister.BusNumbers, (uint)bridge.SubordinateBus << 16, ConfigurationRegister.SubordinateBus);
        return bridge.SubordinateBus;
    }

    /// <summary>Below a port with a link there is device 0 alone (PCIe 6.0 section 7.3.1), or one device of up to 256 functions with ARI (section 6.13).</summary>
    private async ValueTask ScanLinkAsync(int bus, DiscoveredFunction bridge, PciExpressRegisters port, List<DiscoveredFunction> functions)
    {
        var first = await TryAddAsync(new Bdf(bus, 0, 0), bridge, functions);
        var ari = first is not null && options.EnableAriForwarding && port.AriForwardingSupported
            && first.FindExtendedCapability(ExtendedCapabilityId.AlternativeRoutingId) != 0;
        await port.SetAriForwardingAsync(access, bridge.Bdf, ari);
        if (first is null) return;
        if (!ari)
        {
            await ScanOtherFunctionsAsync(first, functions);
            return;
        }
        var current = first;
        while (await NextAriFunctionAsync(current) is var next && next > current.Bdf.AriFunction)
        {
            if (await TryAddAsync(new Bdf((ushort)(bus << 8 | next)), bridge, functions) is not { } function) break;
            current = function;
        }
    }

    private async ValueTask ScanDeviceAsync(int bus, int device, DiscoveredFunction? bridge, List<DiscoveredFunction> functions)
    {
        if (await TryAddAsync(new Bdf(bus, device, 0), bridge, functions) is { } first) await ScanOtherFunctionsAsync(first, functions);
    }

    private async ValueTask ScanOtherFunctionsAsync(DiscoveredFunction first, List<DiscoveredFunction> functions)
    {
        if (!first.MultiFunction) return;
        for (var number = 1; number < Limits.MaxFunctions; number++) await TryAddAsync(new Bdf(first.Bdf.Bus, first.Bdf.Device, number), first.Parent, functions);
    }

    private async ValueTask<DiscoveredFunction?> TryAddAsync(Bdf bdf, DiscoveredFunction? bridge, List<DiscoveredFunction> functions)
    {
        if (await _probe.TryReadAsync(bdf, bridge) is not { } function) return null;
        functions.Add(function);
        options.Progress?.Invoke(++_found);
        return function;
    }

    /// <returns>Zero after the last. The numbers rise, so one that does not ends the list too.</returns>
    private async ValueTask<int> NextAriFunctionAsync(DiscoveredFunction function)
    {
        var capability = function.FindExtendedCapability(ExtendedCapabilityId.AlternativeRoutingId);
        return capability == 0 ? 0 : (byte)(await access.ReadAsync(function.Bdf, capability + 4) >> 8);
    }

    private InputException OutOfBuses(DiscoveredFunction function, string what) => new(
        $"{function.Bdf}: no bus number is left for {what}, of 0x{options.FirstBus:x2} to 0x{options.LastBus:x2}",
        $"it is at {function.Path}; a segment has 256 buses, so put part of the hierarchy below another root complex");
}
