using System.Diagnostics;

namespace PcieFabric.Guests.Tests.Attached;

/// <summary>The example of a device on one screen, driven by hand in a guest.</summary>
public class HelloBarTests
{
    /// <summary>The example is compiled first.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    private const string FindBar = "bar=$(head -n 1 /sys/bus/pci/devices/0000:01:00.0/resource | cut -d ' ' -f 1); echo 1 >/sys/bus/pci/devices/0000:01:00.0/enable";

    [GuestFact]
    public async Task WhatDevmemWritesIsPrinted()
    {
        var folder = Directory.CreateTempSubdirectory("pciefabric-hello");
        var socket = Path.Combine(folder.FullName, "hello.sock");
        using var example = Process.Start(new ProcessStartInfo("dotnet", ["run", "-c", "Release", "examples/hello-bar.cs", socket]) { WorkingDirectory = Repository.Root, RedirectStandardOutput = true })!;
        try
        {
            using var late = new CancellationTokenSource(Limit);
            Assert.Equal($"host0/rp0/card/fn0 is at {socket}", await example.StandardOutput.ReadLineAsync(late.Token));
            await using var guest = await Guest.StartAsync(new GuestOptions { Sockets = [socket] });

            // "hello, world" and a line break, little-endian, by words and by bytes.
            await guest.OutputOfAsync($"{FindBar}; for word in 0x6c6c6568 0x77202c6f 0x646c726f; do devmem $bar 32 $word; done; devmem $bar 8 0x0a");

            Assert.Equal("hello, world", await example.StandardOutput.ReadLineAsync(late.Token));
        }
        finally
        {
            example.Kill(entireProcessTree: true);
            await example.WaitForExitAsync();
            folder.Delete(recursive: true);
        }
    }
}
