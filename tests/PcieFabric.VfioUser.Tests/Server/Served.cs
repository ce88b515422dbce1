using PcieFabric.VfioUser.Client;
using PcieFabric.VfioUser.Devices;
using PcieFabric.VfioUser.Interop;
using PcieFabric.VfioUser.Server;
using PcieFabric.VfioUser.Tests.Devices;

namespace PcieFabric.VfioUser.Tests.Server;

/// <summary>A function being served in a directory of its own.</summary>
internal sealed class Served : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("vfio-user-");

    public Served(VfioUserOptions? options = null, DeviceDescription? description = null)
    {
        Function = new RecordingFunction(description);
        Server = new VfioUserServer(Path, Function, options);
    }

    public string Path => System.IO.Path.Combine(_directory.FullName, "f.sock");

    public RecordingFunction Function { get; }

    public VfioUserServer Server { get; }

    /// <summary>A client that has negotiated.</summary>
    public VfioUserClient Connect()
    {
        var client = VfioUserClient.Connect(Path);
        Assert.Equal(Errno.None, client.Negotiate());
        return client;
    }

    /// <summary>That has been attached, as the function saw.</summary>
    public VfioUserClient Attach()
    {
        var client = Connect();
        Assert.Equal("attached", Function.Next());
        return client;
    }

    public void Dispose()
    {
        Server.Dispose();
        _directory.Delete(recursive: true);
    }
}
