using PcieFabric.Memory;
using PcieFabric.VfioUser.Interop;

namespace PcieFabric.VfioUser.Tests.Server;

/// <summary>Tests that look for leaks see one of each kind, and nothing that the runtime opens meanwhile.</summary>
public class PossessionsTests
{
    [Fact]
    public void WhatIsKeptIsNamedAndAnAssemblyIsNot()
    {
        var before = Possessions.Now();
        using var socket = UnixSocket.Create();
        using var counter = EventCounter.Create();
        using var memory = new SharedMemory("guest", 0x1000);
        using var assembly = File.OpenRead(typeof(PossessionsTests).Assembly.Location);

        var added = Possessions.Now().Beyond(before);

        Assert.Equal(4, added.Count);
        Assert.Single(added, one => one.StartsWith("1 × socket:[", StringComparison.Ordinal));
        Assert.Contains("1 × anon_inode:[eventfd]", added);
        Assert.Contains("1 × /memfd:guest (deleted)", added);
        Assert.Contains("1 × mapping of /memfd:guest", added);
    }
}
