using PcieFabric.EndpointFunctions;
using PcieFabric.Topologies;

namespace PcieFabric.Cli.Benchmarks;

/// <summary>Transfers of 1 MiB through a switch, by train and TLP by TLP, beside what the machine needs to copy as much. By processor time, which tells the same on a machine that has other work.</summary>
internal sealed class TrainBenchmark : IBenchmark
{
    private const int BlockBytes = 1 << 20;
    private const int WarmUpBlocks = 192;
    private const int Blocks = 128;

    public string Name => "trains";

    public string Description => "transfers of 1 MiB, as trains and TLP by TLP";

    public IReadOnlyList<Figure> Run(CancellationToken cancellation)
    {
        var copy = CopyRate();
        var figures = new List<Figure> { new("memcpy", copy / 1e9, "GB/s", MoreIsBetter: true) };
        foreach (var mps in new[] { 256, 512, 4096 })
        {
            Add(figures, $"processor writes, MPS {mps}", copy, exact => ProcessorRate(mps, exact, cancellation));
            Add(figures, $"DMA writes, MPS {mps}", copy, exact => DmaRate(mps, exact, static (f, at, data) => f.Write(at, data), cancellation));
            Add(figures, $"DMA reads, MPS {mps}", copy, exact => DmaRate(mps, exact, static (f, at, data) => f.Read(at, data), cancellation));
        }
        return figures;
    }

    private static void Add(List<Figure> figures, string name, double copy, Func<bool, double> rate)
    {
        var (train, exact) = (rate(false), rate(true));
        figures.Add(new Figure(name, train / 1e9, "GB/s", MoreIsBetter: true, Undisturbed: true));
        figures.Add(new Figure($"{name}, of memcpy", 100 * train / copy, "%", MoreIsBetter: true));
        figures.Add(new Figure($"{name}, of TLP by TLP", train / exact, "x", MoreIsBetter: true));
    }

    private static double CopyRate()
    {
        var (from, to) = (new byte[BlockBytes], new byte[BlockBytes]);
        for (var i = 0; i < WarmUpBlocks; i++) from.CopyTo(to, 0);
        var before = Environment.CpuUsage.TotalTime;
        for (var i = 0; i < 4 * Blocks; i++) from.CopyTo(to, 0);
        return 4.0 * Blocks * BlockBytes / (Environment.CpuUsage.TotalTime - before).TotalSeconds;
    }

    private static double ProcessorRate(int mps, bool exact, CancellationToken cancellation)
    {
        using var fabric = TrafficFabric.Build(mps);
        fabric.Engine.IsExact = exact;
        var rate = 0.0;
        fabric.Hosts["host0"].Run(async host =>
        {
            var bar = await TrafficFabric.EnumerateAsync(host);
            rate = await RateAsync(block => host.WriteAsync(bar, block));
        });
        fabric.Engine.Run(cancellation: cancellation);
        return rate;
    }

    private static double DmaRate(int mps, bool exact, Func<Copier, ulong, Memory<byte>, ValueTask<Requests.RequestResult>> transfer, CancellationToken cancellation)
    {
        var copier = new Copier();
        using var fabric = TrafficFabric.Build(mps, copier);
        fabric.Engine.IsExact = exact;
        var rate = 0.0;
        fabric.Hosts["host0"].Run(async host =>
        {
            var buffer = host.Memory.Allocate(BlockBytes, 4096);
            var bar = await TrafficFabric.EnumerateAsync(host);
            copier.Work = async () => rate = await RateAsync(block => transfer(copier, buffer, block));
            await host.Write32Async(bar + Copier.DoorbellAt, 1);
        });
        fabric.Engine.Run(cancellation: cancellation);
        return rate;
    }

    private static async Task<double> RateAsync(Func<byte[], ValueTask<Requests.RequestResult>> transfer)
    {
        var block = new byte[BlockBytes];
        for (var i = 0; i < WarmUpBlocks; i++) await transfer(block);
        var before = Environment.CpuUsage.TotalTime;
        for (var i = 0; i < Blocks; i++) await transfer(block);
        return (double)Blocks * BlockBytes / (Environment.CpuUsage.TotalTime - before).TotalSeconds;
    }

    /// <summary>A function that works once its doorbell rings.</summary>
    internal sealed class Copier : EndpointFunction
    {
        public const ulong DoorbellAt = 0;

        public Func<Task>? Work { get; set; }

        public ValueTask<Requests.RequestResult> Write(ulong address, Memory<byte> from) => DmaWriteAsync(address, from);

        public ValueTask<Requests.RequestResult> Read(ulong address, Memory<byte> into) => DmaReadAsync(address, into);

        protected override void WriteRegister(int bar, ulong offset, uint value, int byteEnables) => Start(Work!);
    }
}
