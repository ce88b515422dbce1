using PcieFabric.ConfigSpaces;
using PcieFabric.Doorbells;
using PcieFabric.EndpointControllers;
using PcieFabric.EndpointFunctions;
using PcieFabric.EndpointFunctions.EpfDoorbells;
using PcieFabric.EndpointFunctions.EpfTests;
using PcieFabric.Input;

namespace PcieFabric.Topologies.Building;

/// <summary>The software of functions of controllers that the fabric brings, by the name that a topology gives it.</summary>
public static class BoundFunctionModels
{
    public static readonly IReadOnlyDictionary<string, Func<FunctionDefinition, BoundFunction>> Known =
        new Dictionary<string, Func<FunctionDefinition, BoundFunction>>
        {
            ["epf-doorbell"] = static function => new EpfDoorbell(EpfDoorbellOf(function)),
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

    private static EpfDoorbellOptions EpfDoorbellOf(FunctionDefinition function)
    {
        var options = new EpfDoorbellOptions { Header = HeaderOf(function) };
        foreach (var (key, setting) in function.Settings)
        {
            options = key switch
            {
                "kind" => options with { Kind = KindOf(key, setting) },
                "doorbells" => options with { Count = Whole(key, setting, Limits.MaxDoorbells) },
                "poll-interval" => options with { PollInterval = Duration(key, setting) },
                "storage" => options with { StoresInMemory = InMemory(key, setting) },
                _ => throw new InputException($"unknown setting '{key}' of epf-doorbell", "known: kind, doorbells, poll-interval, storage", setting.Source),
            };
        }
        return options;
    }

    private static DoorbellKind KindOf(string key, Setting setting) => setting.Text switch
    {
        "its" => DoorbellKind.Its,
        "ims" => DoorbellKind.Ims,
        "embedded" => DoorbellKind.Embedded,
        "polled" => DoorbellKind.Polled,
        _ => throw new InputException($"'{key}' must be its, ims, embedded or polled, not '{setting.Text}'", null, setting.Source),
    };

    private static bool InMemory(string key, Setting setting) => setting.Text switch
    {
        "memory" => true,
        "device" => false,
        _ => throw new InputException($"'{key}' must be device or memory, not '{setting.Text}'", null, setting.Source),
    };

    private static SimTime Duration(string key, Setting setting)
    {
        var duration = new SimTime((long)Quantity.Parse(setting.Text, Dimension.Time, setting.Source).Value);
        return duration >= SimTime.FromNanoseconds(1) && duration <= SimTime.FromSeconds(1)
            ? duration
            : throw new InputException($"'{key}' must be 1 ns to 1 s, not '{setting.Text}'", null, setting.Source);
    }

    private static ControllerHeader HeaderOf(FunctionDefinition function) => new(
        function.VendorId, function.DeviceId, (uint)function.ClassCode, function.RevisionId, function.Subsystem?.VendorId ?? 0, function.Subsystem?.DeviceId ?? 0, (byte)function.InterruptPin);

    private static int Whole(string key, Setting setting, int most) => int.TryParse(setting.Text, out var value) && value >= 1 && value <= most
        ? value
        : throw new InputException($"'{key}' must be a whole number from 1 to {most}, not '{setting.Text}'", null, setting.Source);
}
