using PcieFabric.ConfigSpaces;
using PcieFabric.Doorbells;
using PcieFabric.EndpointControllers;
using PcieFabric.EndpointFunctions;
using PcieFabric.EndpointFunctions.EpfDoorbells;
using PcieFabric.EndpointFunctions.EpfTests;
using PcieFabric.EndpointFunctions.EpfVntbs;
using PcieFabric.Input;
using PcieFabric.Units;

namespace PcieFabric.Topologies.Building;

/// <summary>The software of functions of controllers that the fabric brings, by the name that a topology gives it.</summary>
public static class BoundFunctionModels
{
    public static readonly IReadOnlyDictionary<string, Func<FunctionDefinition, BoundFunction>> Known =
        new Dictionary<string, Func<FunctionDefinition, BoundFunction>>
        {
            ["dma-test"] = static function => new BoundDmaTest(HeaderOf(function), [.. function.Bars.Where(bar => bar.Kind != BarKind.Io)]),
            ["epf-doorbell"] = static function => new EpfDoorbell(EpfDoorbellOf(function)),
            ["epf-test"] = static function => new EpfTest(EpfTestOf(function)),
            ["epf-vntb"] = static function => new EpfVntb(EpfVntbOf(function)),
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
                "bar0-size" or "bar1-size" or "bar2-size" or "bar3-size" or "bar4-size" or "bar5-size" =>
                    options with { BarSizes = [.. options.BarSizes.Select((bytes, bar) => bar == key[3] - '0' ? TestBarBytes(key, setting) : bytes)] },
                _ => throw new InputException($"unknown setting '{key}' of epf-test", "known: msi-interrupts, msix-interrupts, bar0-size to bar5-size", setting.Source),
            };
        }
        return options;
    }

    private static ulong TestBarBytes(string key, Setting setting)
    {
        var bytes = Quantity.Parse(setting.Text, Dimension.Size, setting.Source).Value;
        return bytes is >= EpfTestOptions.LeastBarBytes and <= EpfTestOptions.MostBarBytes && ulong.IsPow2((ulong)bytes)
            ? (ulong)bytes
            : throw new InputException($"'{key}' must be a power of two from 4 KiB to 1 MiB, not '{setting.Text}'", null, setting.Source);
    }

    private static EpfVntbOptions EpfVntbOf(FunctionDefinition function)
    {
        var options = new EpfVntbOptions { Header = HeaderOf(function) };
        var windows = new SortedDictionary<int, (ulong Bytes, Setting Setting)>();
        foreach (var (key, setting) in function.Settings)
        {
            switch (key)
            {
                case "mw1" or "mw2" or "mw3" or "mw4":
                    windows.Add(key[2] - '0', (WindowBytes(key, setting), setting));
                    break;
                case "db-count":
                    options = options with { DoorbellSlots = Whole(key, setting, Limits.MaxVntbSlots, EpfVntbOptions.LeastDoorbellSlots) };
                    break;
                case "spad-count":
                    options = options with { Scratchpads = Whole(key, setting, Limits.MaxVntbScratchpads) };
                    break;
                case "poll-interval":
                    options = options with { PollInterval = Duration(key, setting) };
                    break;
                case "doorbells":
                    options = options with { Doorbells = DistinctKindOf(key, setting) };
                    break;
                default:
                    throw new InputException($"unknown setting '{key}' of epf-vntb", "known: mw1, mw2, mw3, mw4, db-count, doorbells, spad-count, poll-interval", setting.Source);
            }
        }
        foreach (var (number, window) in windows)
            if (number > windows.Count)
                throw new InputException($"there is an 'mw{number}' but {windows.Count} windows in all", "number them from mw1 on, without a gap", window.Setting.Source);
        return windows.Count == 0 ? options : options with { WindowBytes = [.. windows.Values.Select(window => window.Bytes)] };
    }

    private static DoorbellKind DistinctKindOf(string key, Setting setting) => setting.Text == "embedded"
        ? throw new InputException($"'{key}' cannot be embedded: those of one function are all the same", "its, ims or polled", setting.Source)
        : KindOf(key, setting);

    private static ulong WindowBytes(string key, Setting setting)
    {
        var bytes = Quantity.Parse(setting.Text, Dimension.Size, setting.Source).Value;
        return bytes is >= Limits.RequestBoundaryBytes and <= Limits.MaxVntbWindowBytes && ulong.IsPow2((ulong)bytes)
            ? (ulong)bytes
            : throw new InputException($"'{key}' must be a power of two from 4 KiB to 8 MiB, not '{setting.Text}'", null, setting.Source);
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

    private static int Whole(string key, Setting setting, int most, int least = 1) => int.TryParse(setting.Text, out var value) && value >= least && value <= most
        ? value
        : throw new InputException($"'{key}' must be a whole number from {least} to {most}, not '{setting.Text}'", null, setting.Source);
}
