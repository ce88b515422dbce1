using PcieFabric.ConfigSpaces;
using PcieFabric.EndpointControllers;
using PcieFabric.EndpointFunctions;
using PcieFabric.EndpointFunctions.EpfTests;
using PcieFabric.Input;

namespace PcieFabric.Topologies.Building;

/// <summary>The software of functions of controllers that the fabric brings, by the name that a topology gives it.</summary>
public static class BoundFunctionModels
{
    public static readonly IReadOnlyDictionary<string, Func<FunctionDefinition, BoundFunction>> Known =
        new Dictionary<string, Func<FunctionDefinition, BoundFunction>>
        {
            ["epf-test"] = static function => new EpfTest(EpfTestOf(function)),
            ["dma-test"] = static function => new BoundDmaTest(HeaderOf(function), [.. function.Bars.Where(bar => bar.Kind != BarKind.Io)]),
        };

    private static EpfTestOptions EpfTestOf(FunctionDefinition function)
    {
        var options = new EpfTestOptions { Header = HeaderOf(function) };
        foreach (var (key, setting) in function.Settings)
        {
            options = key switch
            {
                "msi-interrupts" => options with { MsiInterrupts = Whole(key, setting, 32) },
                "msix-interrupts" => options with { MsiXInterrupts = Whole(key, setting, 2048) },
                _ => throw new InputException($"unknown setting '{key}' of epf-test", "known: msi-interrupts, msix-interrupts", setting.Source),
            };
        }
        return options;
    }

    private static ControllerHeader HeaderOf(FunctionDefinition function) => new(
        function.VendorId, function.DeviceId, (uint)function.ClassCode, function.RevisionId, function.Subsystem?.VendorId ?? 0, function.Subsystem?.DeviceId ?? 0, (byte)function.InterruptPin);

    private static int Whole(string key, Setting setting, int most) => int.TryParse(setting.Text, out var value) && value >= 1 && value <= most
        ? value
        : throw new InputException($"'{key}' must be a whole number from 1 to {most}, not '{setting.Text}'", null, setting.Source);
}
