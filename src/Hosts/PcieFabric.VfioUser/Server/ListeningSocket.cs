using System.Text;
using PcieFabric.Input;
using PcieFabric.VfioUser.Interop;

namespace PcieFabric.VfioUser.Server;

/// <summary>
/// A socket in the file system that only its owner can reach: mode 0600 in a directory of mode 0700. One that a dead server left is replaced; what a
/// live one has, and what is no socket, stays.
/// </summary>
internal sealed class ListeningSocket : IDisposable
{
    private const int PermissionsOfOthers = 0x3f;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly string _path;
    private readonly UnixSocket _socket;
    private readonly (ulong Device, ulong Inode) _file;

    private ListeningSocket(string path, UnixSocket socket, (ulong Device, ulong Inode) file) => (_path, _socket, _file) = (path, socket, file);

    /// <exception cref="InputException">The path cannot be had: too long, taken, or in a directory that others can enter.</exception>
    public static ListeningSocket Create(string path)
    {
        path = Path.GetFullPath(path);
        if (Encoding.UTF8.GetByteCount(path) >= UnixSocket.MaxPathBytes)
            throw new InputException($"the socket's path '{path}' is longer than the {UnixSocket.MaxPathBytes - 1} bytes that Linux allows", "choose a shorter directory");
        using var directory = LockedDirectory(Path.GetDirectoryName(path)!);
        RemoveStale(path);
        var socket = UnixSocket.Create();
        try
        {
            // The directory keeps others out until the mode is set.
            var error = socket.Bind(path);
            if (error != Errno.None) throw new InputException($"the socket '{path}' cannot be made: {error}");
            File.SetUnixFileMode(path, OwnerOnly);
            error = socket.Listen(1);
            if (error != Errno.None) throw new InputException($"the socket '{path}' cannot be listened on: {error}");
            var status = FileStatus.Of(path, follow: false)!.Value;
            return new ListeningSocket(path, socket, (status.Device, status.Inode));
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>As <see cref="UnixSocket.Accept"/>.</summary>
    public UnixSocket? Accept() => _socket.Accept();

    public void ShutDown() => _socket.ShutDown();

    public void Dispose()
    {
        _socket.Dispose();
        if (FileStatus.Of(_path, follow: false) is { } status && (status.Device, status.Inode) == _file) _ = Libc.Unlink(_path);
    }

    /// <summary>Two servers that find the same stale socket must not remove each other's new one.</summary>
    private static Descriptor LockedDirectory(string path)
    {
        try
        {
            Directory.CreateDirectory(path, OwnerOnly | UnixFileMode.UserExecute);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"the directory '{path}' for sockets cannot be made: {error.Message}");
        }
        var directory = Libc.Open(path, Libc.ReadOnlyDirectory);
        if (directory.IsInvalid || FileStatus.Of(directory) is not { } status)
        {
            directory.Dispose();
            throw new InputException($"the directory '{path}' for sockets cannot be opened");
        }
        if (status.Owner != Libc.EffectiveUser() || (status.Permissions & PermissionsOfOthers) != 0)
        {
            directory.Dispose();
            throw new InputException($"the directory '{path}' for sockets is open to others", $"choose another, or: chmod 700 {path}");
        }
        _ = Libc.Lock(directory, Libc.LockExclusive);
        return directory;
    }

    private static void RemoveStale(string path)
    {
        if (FileStatus.Of(path, follow: false) is not { } status) return;
        if (!status.IsSocket) throw new InputException($"'{path}' is there already, and is no socket", "name another socket, or remove the file");
        using var probe = UnixSocket.Create();
        if (probe.Connect(path) != Errno.ECONNREFUSED) throw new InputException($"the socket '{path}' is served already", "stop who serves it, or name another");
        _ = Libc.Unlink(path);
    }
}
