using PcieFabric.EndpointFunctions;
using PcieFabric.RootComplexes;

namespace PcieFabric.Cli.Benchmarks;

/// <summary>
/// Transfers of 1 MiB through a switch, by train and TLP by TLP, beside what the machine needs to copy as much in the same pattern: again and again the same MiB, which the processor's cache
/// keeps, and walking through more than any cache. By processor time, which tells the same on a machine that has other work.
/// </summary>
internal sealed class TrainBenchmark : IBenchmark
{
    private const int BlockBytes = 1 << 20;
    private const int ManyBytes = 1 << 28;

    /// <summary>Until all code is compiled for good, and all memory has been touched.</summary>
    private static readonly TimeSpan WarmUp = TimeSpan.FromMilliseconds(350);

    private static readonly TimeSpan Measured = TimeSpan.FromMilliseconds(120);

    /// <summary>One side of the copies; the other is the fabric's.</summary>
    private readonly byte[] _bytes = new byte[ManyBytes];

    public string Name => "trains";

    public string Description => "transfers of 1 MiB, as trains and TLP by TLP";

    public IReadOnlyList<Figure> Run(CancellationToken cancellation)
    {
        _bytes.AsSpan().Fill(0x5a);
        // The runtime goes on compiling what all rows share while the first ones run.
        for (var i = 0; i < 2; i++)
            foreach (var way in Enum.GetValues<Way>()) RateOf(128, way, way is Way.PeerRead or Way.PeerWrite ? PeerPlace.BelowSwitch : PeerPlace.None, exact: false, BlockBytes, out _);
        var figures = new List<Figure>();
        foreach (var mps in new[] { 128, 256, 512, 4096 })
        {
            Add(figures, $"processor writes, MPS {mps}", mps, Way.Processor);
            Add(figures, $"DMA writes, MPS {mps}", mps, Way.DmaWrite);
            Add(figures, $"DMA reads, MPS {mps}", mps, Way.DmaRead);
            Add(figures, $"P2P writes below a switch, MPS {mps}", mps, Way.PeerWrite, PeerPlace.BelowSwitch);
            Add(figures, $"P2P writes through the root, MPS {mps}", mps, Way.PeerWrite, PeerPlace.AcrossRoot);
            Add(figures, $"P2P reads below a switch, MPS {mps}", mps, Way.PeerRead, PeerPlace.BelowSwitch);
            Add(figures, $"P2P reads through the root, MPS {mps}", mps, Way.PeerRead, PeerPlace.AcrossRoot);
            cancellation.ThrowIfCancellationRequested();
        }
        foreach (var mps in new[] { 256, 512 })
        {
            Add(figures, $"DMA engine writes, MPS {mps}", mps, Way.EngineWrite);
            Add(figures, $"DMA engine reads, MPS {mps}", mps, Way.EngineRead);
            Add(figures, $"DMA engine writes by lists, MPS {mps}", mps, Way.EngineWriteList);
            Add(figures, $"DMA engine reads by lists, MPS {mps}", mps, Way.EngineReadList);
        }
        return figures;
    }

    private enum Way
    {
        Processor,
        DmaWrite,
        DmaRead,
        PeerWrite,
        PeerRead,

        /// <summary>Of the DMA engine of an endpoint controller, programmed by its driver for each transfer.</summary>
        EngineWrite,
        EngineRead,

        /// <summary>Sixteen transfers at a time.</summary>
        EngineWriteList,
        EngineReadList,
    }

    private void Add(List<Figure> figures, string name, int mps, Way way, PeerPlace peer = PeerPlace.None)
    {
        var cached = RateOf(mps, way, peer, exact: false, BlockBytes, out var cachedCopy);
        var exact = RateOf(mps, way, peer, exact: true, BlockBytes, out _);
        var walking = RateOf(mps, way, peer, exact: false, ManyBytes, out var walkingCopy);
        figures.Add(new Figure($"{name}, in cache", cached / 1e9, "GB/s", MoreIsBetter: true, Undisturbed: true));
        figures.Add(new Figure($"{name}, in cache, of memcpy", 100 * cached / cachedCopy, "%", MoreIsBetter: true));
        figures.Add(new Figure($"{name}, out of cache", walking / 1e9, "GB/s", MoreIsBetter: true, Undisturbed: true));
        figures.Add(new Figure($"{name}, out of cache, of memcpy", 100 * walking / walkingCopy, "%", MoreIsBetter: true));
        figures.Add(new Figure($"{name}, of TLP by TLP", cached / exact, "x", MoreIsBetter: true));
    }

    /// <param name="span">Through which transfers walk, on both sides.</param>
    /// <param name="copy">The rate of copies in the same pattern.</param>
    private double RateOf(int mps, Way way, PeerPlace peer, bool exact, int span, out double copy) =>
        way >= Way.EngineWrite ? RateOfEngine(mps, way, exact, span, out copy) : Rate(mps, way, peer, exact, span, out copy);

    /// <summary>The endpoint's memory is smaller than the host's, through which transfers walk.</summary>
    private static double RateOfEngine(int mps, Way way, bool exact, int span, out double copy)
    {
        var mover = new EngineMover();
        using var fabric = TrafficFabric.Build(mps, mover);
        fabric.Engine.IsExact = exact;
        var rates = (Transfers: 0.0, Copies: 0.0);
        fabric.Hosts["host0"].Run(async host =>
        {
            await host.DelayAsync(EngineMover.LinksUp);
            await TrafficFabric.EnumerateAllAsync(host);
            var memory = host.Memory.Allocate((ulong)span, 4096);
            var near = span == BlockBytes ? BlockBytes : EngineMover.MemoryBytes;
            mover.Work = async () => rates = await RatesAsync(span, TransferAsync, Copy);

            ValueTask TransferAsync(int at) => way switch
            {
                Way.EngineWrite => mover.WriteAsync(at % near, memory + (ulong)at, BlockBytes),
                Way.EngineRead => mover.ReadAsync(at % near, memory + (ulong)at, BlockBytes),
                _ => mover.ListAsync(way == Way.EngineWriteList, at % near, memory + (ulong)at, BlockBytes),
            };

            void Copy(int at) => mover.Span(at % near, BlockBytes).CopyTo(host.Memory.Span(memory + (ulong)at, BlockBytes));
        });
        fabric.Engine.Run();
        copy = rates.Copies;
        return rates.Transfers;
    }

    /// <inheritdoc cref="RateOf"/>
    private double Rate(int mps, Way way, PeerPlace peer, bool exact, int span, out double copy)
    {
        var copier = way == Way.Processor ? null : new Copier();
        using var fabric = TrafficFabric.Build(mps, copier, (ulong)span, peer);
        fabric.Engine.IsExact = exact;
        var rates = (Transfers: 0.0, Copies: 0.0);
        fabric.Hosts["host0"].Run(async host =>
        {
            var bars = await TrafficFabric.EnumerateAllAsync(host);
            var memory = host.Memory.Allocate((ulong)span, 4096);
            if (copier is null)
            {
                rates = await RatesAsync(span, async at => await host.WriteAsync(bars[0] + (ulong)at, Block(at)), Copy);
                return;
            }
            var target = peer == PeerPlace.None ? memory : bars[1];
            copier.Work = async () => rates = await RatesAsync(span, async at => _ = way is Way.DmaWrite or Way.PeerWrite ? await copier.Write(target + (ulong)at, Block(at)) : await copier.Read(target + (ulong)at, Block(at)), Copy);
            await host.Write32Async(bars[0] + Copier.DoorbellAt, 1);

            void Copy(int at) => Block(at).Span.CopyTo(host.Memory.Span(memory + (ulong)at, BlockBytes));
        });
        fabric.Engine.Run();
        copy = rates.Copies;
        return rates.Transfers;
    }

    private Memory<byte> Block(int at) => _bytes.AsMemory(at, BlockBytes);

    private static async Task<(double Transfers, double Copies)> RatesAsync(int span, Func<int, ValueTask> transfer, Action<int> copy)
    {
        // The system gives memory to a process when it is first touched, which is not what is measured.
        for (var at = 0; at < span; at += BlockBytes) await CopyAsync(at);
        await RateAsync(WarmUp, span, transfer);
        return (await RateAsync(Measured, span, transfer), await RateAsync(Measured, span, CopyAsync));

        ValueTask CopyAsync(int at)
        {
            copy(at);
            return default;
        }
    }

    private static async Task<double> RateAsync(TimeSpan time, int span, Func<int, ValueTask> transfer)
    {
        var before = Environment.CpuUsage.TotalTime;
        var bytes = 0L;
        TimeSpan taken;
        do
        {
            for (var i = 0; i < 16; i++, bytes += BlockBytes) await transfer((int)(bytes % span));
            taken = Environment.CpuUsage.TotalTime - before;
        }
        while (taken < time);
        return bytes / taken.TotalSeconds;
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
