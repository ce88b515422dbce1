using PcieFabric.Documents;
using PcieFabric.Gateways;
using PcieFabric.VfioUser.Live;

namespace PcieFabric.VfioUser.Tests.Live;

/// <summary>A shipped topology, live.</summary>
internal sealed class LiveFixture : IDisposable
{
    public LiveFixture(string topology, AttachMode mode = AttachMode.Functions, string? journal = null, params IReadOnlyList<string> overrides) =>
        Live = LiveFabric.Start(Source(topology), new LiveOptions { Mode = mode, Journal = journal, Overrides = [.. overrides.Select(Override.Parse)] });

    public LiveFabric Live { get; }

    public static SourceText Source(string topology) => DiskFiles.Instance.Read(Path.Combine(Config, "topologies", $"{topology}.yaml"));

    public FunctionDevice Device(int place = 0)
    {
        var (host, function) = Live.Functions.ElementAt(place);
        return new FunctionDevice(Live, host, function);
    }

    /// <summary>A device with a guest that has enabled it.</summary>
    public (FunctionDevice Device, PlayedGuest Guest, TestFunctionDriver Driver) Attach(PlayedGuest? guest = null, int place = 0, uint address = 0xC000_0000)
    {
        var device = Device(place);
        guest ??= new PlayedGuest();
        device.Attached(guest);
        var driver = new TestFunctionDriver(device, guest);
        driver.Enable(address);
        return (device, guest, driver);
    }

    public void Dispose() => Live.Dispose();

    private static string Config
    {
        get
        {
            var directory = new DirectoryInfo(AppContext.BaseDirectory);
            while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "PcieFabric.sln"))) directory = directory.Parent;
            return Path.Combine(directory!.FullName, "config");
        }
    }
}
