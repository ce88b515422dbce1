using System.Diagnostics;
using PcieFabric.RootComplexes;

namespace PcieFabric.Cli.Benchmarks;

/// <summary>Host → root port → switch → endpoint and back, 64-byte reads with completions, 64 under way, on one thread.</summary>
internal sealed class ReadBenchmark : IBenchmark
{
    private const int ReadBytes = 64;
    private const int Readers = 64;
    private const int WarmUpReads = 2_000;
    private const int Reads = 20_000;

    public string Name => "reads";

    public string Description => "64-byte reads through a switch";

    public IReadOnlyList<Figure> Run(CancellationToken cancellation)
    {
        using var fabric = TrafficFabric.Build(maxPayloadBytes: 128);
        fabric.Engine.IsExact = true;
        var elapsed = TimeSpan.Zero;
        long allocated = 0;
        fabric.Hosts["host0"].Run(async host =>
        {
            var bar = await TrafficFabric.EnumerateAsync(host);
            await ReadAllAsync(host, bar, WarmUpReads);
            allocated = GC.GetAllocatedBytesForCurrentThread();
            var watch = Stopwatch.StartNew();
            await ReadAllAsync(host, bar, Reads);
            elapsed = watch.Elapsed;
            allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        });
        fabric.Engine.Run(cancellation: cancellation);
        const double RoundTrips = (double)Readers * Reads;
        return
        [
            new Figure("round trips", RoundTrips / elapsed.TotalSeconds, "1/s", MoreIsBetter: true),
            new Figure("time a round trip", elapsed.TotalNanoseconds / RoundTrips, "ns", MoreIsBetter: false),
            new Figure("allocated a round trip", allocated / RoundTrips, "B", MoreIsBetter: false),
        ];
    }

    private static Task ReadAllAsync(Host host, ulong bar, int reads) =>
        Task.WhenAll(Enumerable.Range(0, Readers).Select(reader => ReadAsync(host, bar + (ulong)(reader * ReadBytes), reads)));

    private static async Task ReadAsync(Host host, ulong address, int reads)
    {
        var buffer = new byte[ReadBytes];
        for (var i = 0; i < reads; i++) await host.ReadAsync(address, buffer);
    }
}
