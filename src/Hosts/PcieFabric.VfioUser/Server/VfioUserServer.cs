using PcieFabric.Input;
using PcieFabric.VfioUser.Devices;
using PcieFabric.VfioUser.Interop;

namespace PcieFabric.VfioUser.Server;

/// <summary>
/// Serves one function at one socket, to one client after another, on a thread of its own. Who comes while another is there waits. A client can end only
/// its own connection, by whatever it sends.
/// </summary>
public sealed class VfioUserServer : IDisposable
{
    private readonly ListeningSocket _listener;
    private readonly IVfioUserDevice _device;
    private readonly VfioUserOptions _options;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private readonly Thread _thread;
    private Connection? _connection;
    private bool _stopping;

    /// <param name="path">Of the socket. Its directory is made, for its owner alone, if it is not there.</param>
    /// <exception cref="InputException">No socket can be there.</exception>
    public VfioUserServer(string path, IVfioUserDevice device, VfioUserOptions? options = null)
    {
        (_device, _options) = (device, options ?? new VfioUserOptions());
        _listener = ListeningSocket.Create(path);
        _thread = new Thread(Run) { IsBackground = true, Name = $"vfio-user {Path.GetFileName(path)}" };
        _thread.Start();
    }

    public VfioUserCounters Counters { get; } = new();

    /// <summary>Ends when the server is disposed of; fails with what the device threw, after which nothing is served.</summary>
    public Task Completion => _ended.Task;

    /// <summary>Cuts the client off, tells the device, and removes the socket.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _stopping = true;
            _connection?.ShutDown();
        }
        _listener.ShutDown();
        _thread.Join();
        _listener.Dispose();
    }

    private void Run()
    {
        // Touched only as far as messages are long.
        var received = GC.AllocateUninitializedArray<byte>(Limits.VfioUserFrameBytes);
        var reply = GC.AllocateUninitializedArray<byte>(Limits.VfioUserFrameBytes);
        try
        {
            while (_listener.Accept() is { } socket)
            {
                if (!Serve(socket, received, reply)) break;
            }
            _ended.SetResult();
        }
#pragma warning disable CA1031 // Whatever the device threw must not end the process behind the back of who started us.
        catch (Exception error)
#pragma warning restore CA1031
        {
            _listener.ShutDown();
            _ended.SetException(error);
        }
    }

    private bool Serve(UnixSocket socket, byte[] received, byte[] reply)
    {
        using var connection = new Connection(socket, _device, _options, Counters, received, reply);
        lock (_gate)
        {
            _connection = connection;
            if (_stopping) connection.ShutDown();
        }
        Counters.Came();
        var reason = connection.Run();
        _options.Log?.Invoke(reason is null ? "left" : $"cut off: {reason}");
        lock (_gate)
        {
            _connection = null;
            return !_stopping;
        }
    }
}
