using PcieFabric.Input;
using PcieFabric.VfioUser.Devices;
using PcieFabric.VfioUser.Interop;
using PcieFabric.VfioUser.Server;
using PcieFabric.VfioUser.Tests.Devices;

namespace PcieFabric.VfioUser.Tests.Server;

public sealed class SocketTests : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("vfio-user-");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public void TheSocketIsItsOwnersAloneInADirectoryThatIsMade()
    {
        var directory = Path.Combine(_directory.FullName, "sockets");
        var path = Path.Combine(directory, "f.sock");
        using (Serve(path))
        {
            Assert.Equal(OwnerOnly, File.GetUnixFileMode(path));
            Assert.Equal(OwnerOnly | UnixFileMode.UserExecute, File.GetUnixFileMode(directory));
        }
        Assert.Empty(Directory.GetFileSystemEntries(directory));
    }

    [Fact]
    public void WhatADeadServerLeftIsReplaced()
    {
        var path = Path.Combine(_directory.FullName, "f.sock");
        using (var dead = UnixSocket.Create())
        {
            Assert.Equal(Errno.None, dead.Bind(path));
            Assert.Equal(Errno.None, dead.Listen(1));
        }
        Assert.True(File.Exists(path));
        using var served = Serve(path);
        using var client = VfioUser.Client.VfioUserClient.Connect(path);
        Assert.Equal(Errno.None, client.Negotiate());
    }

    [Fact]
    public void WhatALiveServerHasIsRefused()
    {
        var path = Path.Combine(_directory.FullName, "f.sock");
        using var served = Serve(path);
        using var client = VfioUser.Client.VfioUserClient.Connect(path);
        Assert.Equal(Errno.None, client.Negotiate());

        Assert.Contains("served already", Assert.Throws<InputException>(() => Serve(path)).Line, StringComparison.Ordinal);
        Assert.Equal(Errno.None, client.Read(RegionIndex.Bar0, 0, new byte[4]));
    }

    [Fact]
    public void WhatIsNoSocketStays()
    {
        var path = Path.Combine(_directory.FullName, "f.sock");
        File.WriteAllText(path, "mine");
        Assert.Contains("no socket", Assert.Throws<InputException>(() => Serve(path)).Line, StringComparison.Ordinal);
        Assert.Equal("mine", File.ReadAllText(path));

        var link = Path.Combine(_directory.FullName, "link.sock");
        File.CreateSymbolicLink(link, "nowhere");
        Assert.Throws<InputException>(() => Serve(link));
        Assert.NotNull(new FileInfo(link).LinkTarget);
    }

    [Fact]
    public void ADirectoryThatOthersCanEnterIsRefused()
    {
        File.SetUnixFileMode(_directory.FullName, OwnerOnly | UnixFileMode.UserExecute | UnixFileMode.OtherExecute);
        Assert.Contains("chmod 700", Assert.Throws<InputException>(() => Serve(Path.Combine(_directory.FullName, "f.sock"))).Line, StringComparison.Ordinal);
    }

    [Fact]
    public void APathThatIsTooLongIsRefused()
    {
        var error = Assert.Throws<InputException>(() => Serve(Path.Combine(_directory.FullName, new string('x', 108))));
        Assert.Contains("107 bytes", error.Line, StringComparison.Ordinal);
    }

    [Fact]
    public void ADirectoryThatCannotBeMadeIsRefused()
    {
        var error = Assert.Throws<InputException>(() => Serve("/proc/self/sockets/f.sock"));
        Assert.Contains("cannot be made", error.Line, StringComparison.Ordinal);
    }

    [Fact]
    public void AFileInPlaceOfTheDirectoryIsRefused()
    {
        var file = Path.Combine(_directory.FullName, "file");
        File.WriteAllText(file, "");
        Assert.Throws<InputException>(() => Serve(Path.Combine(file, "f.sock")));
    }

    [Fact]
    public void ASocketThatSomebodyElsePutInItsPlaceStaysWhenTheServerStops()
    {
        var path = Path.Combine(_directory.FullName, "f.sock");
        using var other = UnixSocket.Create();
        using (Serve(path))
        {
            File.Delete(path);
            Assert.Equal(Errno.None, other.Bind(path));
        }
        Assert.True(File.Exists(path));
    }

    private static VfioUserServer Serve(string path) => new(path, new RecordingFunction());
}
