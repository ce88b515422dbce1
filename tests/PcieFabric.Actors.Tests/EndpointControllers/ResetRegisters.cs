using PcieFabric.Addressing;
using PcieFabric.RootComplexes;
using PcieFabric.RootComplexes.Enumeration;
using PcieFabric.Units;

namespace PcieFabric.Actors.Tests.EndpointControllers;

/// <summary>What the software of a host resets by, bit by bit (PCIe 6.0 sections 7.5.1.3.13 and 7.5.3).</summary>
internal static class ResetRegisters
{
    public const int LinkControl = 0x10;
    private const int BridgeControlDword = 0x3C, SecondaryBusReset = 22;
    private const int LinkDisable = 4;
    private const int DeviceControl = 8, InitiateFunctionLevelReset = 15;

    /// <summary>A field of a register is set or cleared.</summary>
    public static async Task SetAsync(this Host host, Bdf function, int dword, int bit, bool value)
    {
        var before = await host.Configuration[0].ReadAsync(function, dword);
        // The upper half holds status bits that a one would clear.
        await host.Configuration[0].WriteAsync(function, dword, value ? before | 1u << bit : before & ~(1u << bit), bit < 16 ? (byte)3 : (byte)12);
    }

    public static int ExpressOf(this EnumeratedFunction function) => function.FindCapability(0x10)!.Value;

    public static Task ResetFunctionAsync(this Host host, EnumeratedFunction function) =>
        host.SetAsync(function.Bdf, function.ExpressOf() + DeviceControl, InitiateFunctionLevelReset, true);

    public static Task SetSecondaryBusResetAsync(this Host host, Bdf port, bool value) => host.SetAsync(port, BridgeControlDword, SecondaryBusReset, value);

    public static Task SetLinkDisableAsync(this Host host, EnumeratedFunction port, bool value) => host.SetAsync(port.Bdf, port.ExpressOf() + LinkControl, LinkDisable, value);

    /// <summary>For as long as <paramref name="meanwhile"/> takes, and at least two milliseconds.</summary>
    public static async Task HotResetAsync(this Host host, EnumeratedFunction port, Func<Task>? meanwhile = null)
    {
        await host.SetSecondaryBusResetAsync(port.Bdf, true);
        await WaitAsync(host, meanwhile);
        await host.SetSecondaryBusResetAsync(port.Bdf, false);
    }

    /// <inheritdoc cref="HotResetAsync"/>
    public static async Task DisableLinkForAWhileAsync(this Host host, EnumeratedFunction port, Func<Task>? meanwhile = null)
    {
        await host.SetLinkDisableAsync(port, true);
        await WaitAsync(host, meanwhile);
        await host.SetLinkDisableAsync(port, false);
    }

    private static async Task WaitAsync(Host host, Func<Task>? meanwhile)
    {
        if (meanwhile is not null) await meanwhile();
        await host.DelayAsync(SimTime.FromMilliseconds(2));
    }
}
