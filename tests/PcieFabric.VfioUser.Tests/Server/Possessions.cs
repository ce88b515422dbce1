namespace PcieFabric.VfioUser.Tests.Server;

/// <summary>Descriptors and shared mappings that the process has.</summary>
internal static class Possessions
{
    public static (int Descriptors, int Mappings) Now()
    {
        // Handles that a test dropped are not the server's leaks.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return (Directory.GetFileSystemEntries("/proc/self/fd").Length, File.ReadLines("/proc/self/maps").Count(line => line.Contains("memfd:guest", StringComparison.Ordinal)));
    }

    /// <summary>They come down to what they were, soon: a connection's end is noticed by its own thread.</summary>
    public static void AssertBackTo((int Descriptors, int Mappings) before)
    {
        Assert.True(
            SpinWait.SpinUntil(() => Now() is var now && now.Descriptors <= before.Descriptors && now.Mappings <= before.Mappings, TimeSpan.FromSeconds(10)),
            $"{before} became {Now()}");
    }
}
