using PcieFabric.Gateways;
using PcieFabric.VfioUser.Devices;
using PcieFabric.VfioUser.Live;
using PcieFabric.VfioUser.Server;

namespace PcieFabric.Cli.Attach;

/// <summary>The sockets of a live fabric: one for each function, or one for each root complex.</summary>
internal sealed class ServedSockets : IDisposable
{
    private readonly List<ServedSocket> _sockets = [];

    public ServedSockets(LiveFabric live, string directory, TimeSpan poll, Action<string> log)
    {
        try
        {
            foreach (var (name, id, device, isAttached) in Devices(live))
            {
                var path = Path.Combine(directory, name.Replace('/', '-') + ".sock");
                var server = new VfioUserServer(path, device, new VfioUserOptions { Poll = poll, Log = what => log($"{name}: {what}") });
                _sockets.Add(new ServedSocket(path, name, id, server, isAttached));
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public IReadOnlyList<ServedSocket> All => _sockets;

    /// <summary>Ends when a server does, which none of them does by itself unless its device failed.</summary>
    public Task Completion => _sockets.Count == 0 ? Task.Delay(Timeout.Infinite) : Task.WhenAny(_sockets.Select(socket => socket.Server.Completion)).Unwrap();

    public void Dispose()
    {
        foreach (var socket in _sockets) socket.Server.Dispose();
    }

    private static IEnumerable<(string Name, string Id, IVfioUserDevice Device, Func<bool> IsAttached)> Devices(LiveFabric live)
    {
        if (live.Fabric.Mode == AttachMode.Functions)
        {
            foreach (var (host, function) in live.Functions)
            {
                var device = new FunctionDevice(live, host, function);
                yield return (function.Path, $"{function.Found.Identity.VendorId:x4}:{function.Found.Identity.DeviceId:x4}", device, () => device.IsAttached);
            }
            yield break;
        }
        var hosts = live.Fabric.Fabric.Topology.Hosts;
        for (var host = 0; host < hosts.Count; host++)
        {
            for (var hierarchy = 0; hierarchy < hosts[host].RootComplexes.Count; hierarchy++)
            {
                var root = hosts[host].RootComplexes[hierarchy].Name;
                var device = new HierarchyDevice(live, host, hierarchy);
                yield return (root.Length == 0 ? hosts[host].Name : $"{hosts[host].Name}/{root}", "8086:28c0", device, () => device.IsAttached);
            }
        }
    }
}

/// <summary>One socket and who serves it.</summary>
internal sealed record ServedSocket(string Path, string Name, string Id, VfioUserServer Server, Func<bool> IsAttached);
