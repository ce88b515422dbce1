namespace PcieFabric.Tests;

/// <summary>What code allocates on the calling thread.</summary>
internal static class Allocation
{
    private const int Attempts = 10;

    /// <summary>
    /// The least of several attempts, in bytes. A collection that another test brings about takes a thread's unused allocation buffer away and counts it as
    /// allocated, which is no doing of the code's; what the code allocates shows in every attempt.
    /// </summary>
    public static long Of(Action code)
    {
        code();
        var least = long.MaxValue;
        for (var attempt = 0; attempt < Attempts && least > 0; attempt++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            code();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        return least;
    }
}
