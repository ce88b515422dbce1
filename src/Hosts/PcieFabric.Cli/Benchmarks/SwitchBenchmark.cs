using System.Diagnostics;

namespace PcieFabric.Cli.Benchmarks;

/// <summary>Host → root port → switch → endpoint, 128-byte posted writes, every TLP a message of its own with credits and ordering, on one thread.</summary>
internal sealed class SwitchBenchmark : IBenchmark
{
    private const int TlpBytes = 128;
    private const int BlockBytes = 1 << 20;
    private const int WarmUpBlocks = 64;
    private const int Blocks = 512;

    public string Name => "switch";

    public string Description => "128-byte posted writes through a switch";

    public IReadOnlyList<Figure> Run(CancellationToken cancellation)
    {
        using var fabric = TrafficFabric.Build(TlpBytes);
        fabric.Engine.IsExact = true;
        var elapsed = TimeSpan.Zero;
        long allocated = 0, messages = 0;
        fabric.Hosts["host0"].Run(async host =>
        {
            var bar = await TrafficFabric.EnumerateAsync(host);
            var block = new byte[BlockBytes];
            for (var i = 0; i < WarmUpBlocks; i++) await host.WriteAsync(bar, block);
            (allocated, messages) = (GC.GetAllocatedBytesForCurrentThread(), fabric.Engine.Delivered);
            var watch = Stopwatch.StartNew();
            for (var i = 0; i < Blocks; i++) await host.WriteAsync(bar, block);
            elapsed = watch.Elapsed;
            (allocated, messages) = (GC.GetAllocatedBytesForCurrentThread() - allocated, fabric.Engine.Delivered - messages);
        });
        fabric.Engine.Run(cancellation: cancellation);
        const double Tlps = (double)Blocks * BlockBytes / TlpBytes;
        return
        [
            new Figure("TLPs end to end", Tlps / elapsed.TotalSeconds, "1/s", MoreIsBetter: true),
            new Figure("time a TLP", elapsed.TotalNanoseconds / Tlps, "ns", MoreIsBetter: false),
            new Figure("messages a TLP", messages / Tlps, "", MoreIsBetter: false),
            new Figure("allocated a TLP", allocated / Tlps, "B", MoreIsBetter: false),
        ];
    }
}
