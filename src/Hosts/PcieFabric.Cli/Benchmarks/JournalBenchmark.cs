using System.Diagnostics;
using PcieFabric.Journals;
using PcieFabric.Recording;

namespace PcieFabric.Cli.Benchmarks;

/// <summary>
/// What recording costs: the switch's traffic, of bytes that nothing can pack, without a journal, with its inputs, with every message, and verified. The four take turns, so that
/// what else the machine does meets all of them, and each round gives ratios of its own; their medians are told.
/// </summary>
internal sealed class JournalBenchmark : IBenchmark
{
    private const int TlpBytes = 128;
    private const int BlockBytes = 1 << 20;
    private const int Blocks = 96;
    private const int Rounds = 9;
    private const double Tlps = (double)Blocks * BlockBytes / TlpBytes;

    /// <param name="Seconds">On the wall.</param>
    /// <param name="Processor">Seconds of all threads, the one that writes included; other programs change it least.</param>
    private readonly record struct Cost(double Seconds, double Processor);

    public string Name => "journal";

    public string Description => "128-byte posted writes through a switch, recorded and verified";

    public IReadOnlyList<Figure> Run(CancellationToken cancellation)
    {
        var directory = Directory.CreateTempSubdirectory("pciefabric-bench-");
        try
        {
            var (inputs, messages) = (Path.Combine(directory.FullName, "inputs.pfj"), Path.Combine(directory.FullName, "messages.pfj"));
            var rounds = new List<(Cost None, Cost Inputs, Cost Messages, Cost Verify)>();
            for (var round = -1; round < Rounds; round++)
            {
                var costs = (OfRun(null, default, cancellation), OfRun(inputs, JournalLevel.Inputs, cancellation), OfRun(messages, JournalLevel.Messages, cancellation), OfVerifying(messages, cancellation));
                if (round >= 0) rounds.Add(costs);
            }
            return
            [
                new Figure("TLPs without a journal", Tlps / Median(r => r.None.Seconds), "1/s", MoreIsBetter: true),
                new Figure("throughput lost to inputs", 100 * (1 - Median(r => r.None.Seconds / r.Inputs.Seconds)), "%", MoreIsBetter: false),
                new Figure("throughput lost to messages", 100 * (1 - Median(r => r.None.Seconds / r.Messages.Seconds)), "%", MoreIsBetter: false),
                new Figure("verifying, of recording messages", 100 * Median(r => r.Messages.Seconds / r.Verify.Seconds), "%", MoreIsBetter: true),
                new Figure("verifying, of running without a journal", 100 * Median(r => r.None.Seconds / r.Verify.Seconds), "%", MoreIsBetter: true),
                new Figure("processor time with inputs, of none", 100 * Median(r => r.Inputs.Processor / r.None.Processor), "%", MoreIsBetter: false),
                new Figure("processor time with messages, of none", 100 * Median(r => r.Messages.Processor / r.None.Processor), "%", MoreIsBetter: false),
                new Figure("processor time of verifying, of none", 100 * Median(r => r.Verify.Processor / r.None.Processor), "%", MoreIsBetter: false),
                new Figure("a TLP, with its inputs", new FileInfo(inputs).Length / Tlps, "B", MoreIsBetter: false),
                new Figure("a TLP, with every message", new FileInfo(messages).Length / Tlps, "B", MoreIsBetter: false),
            ];

            double Median(Func<(Cost None, Cost Inputs, Cost Messages, Cost Verify), double> of) => rounds.Select(of).Order().ElementAt(Rounds / 2);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private static Cost OfRun(string? journal, JournalLevel level, CancellationToken cancellation)
    {
        // Or the end of this recording would pay for what the disk forgets of the one before.
        if (journal is not null) File.Delete(journal);
        using var run = Prepare(cancellation);
        using var recorder = journal is null ? null : JournalRecorder.Create(journal, run.Fabric.Engine, new RecorderOptions { Level = level });
        return Measure(() =>
        {
            run.Execute();
            recorder?.Finish();
        });
    }

    private static Cost OfVerifying(string path, CancellationToken cancellation)
    {
        using var journal = JournalReplay.Open(path);
        var prepared = Prepare(cancellation);
        return Measure(() =>
        {
            if (JournalReplay.Run(journal, new ReplayOptions { Rebuild = _ => prepared }).Divergence is { } divergence) throw new InvalidOperationException($"Invariant: a run repeats itself: {divergence}");
        });
    }

    private static Cost Measure(Action action)
    {
        GC.Collect();
        using var process = Process.GetCurrentProcess();
        var before = process.TotalProcessorTime;
        var watch = Stopwatch.StartNew();
        action();
        var seconds = watch.Elapsed.TotalSeconds;
        process.Refresh();
        return new Cost(seconds, (process.TotalProcessorTime - before).TotalSeconds);
    }

    private static FabricRun Prepare(CancellationToken cancellation)
    {
        var fabric = TrafficFabric.Build(TlpBytes);
        fabric.Hosts["host0"].Run(async host =>
        {
            var bar = await TrafficFabric.EnumerateAsync(host);
            var block = new byte[BlockBytes];
            host.Random.Fill(block);
            for (var i = 0; i < Blocks; i++) await host.WriteAsync(bar, block);
        });
        return new FabricRun(fabric, () => fabric.Engine.Run(cancellation: cancellation));
    }
}
