namespace PcieFabric.Cli.Benchmarks;

/// <summary>A figure against one that was kept: as costs in terms of the machine's bound, so that another machine or a busy hour does not look like a change of ours.</summary>
/// <param name="Kept">Cost; null if it is new.</param>
/// <param name="Fresh">Cost; null if it is measured no more.</param>
/// <param name="Change">Of the cost, as a part of the kept one: 0.25 is a quarter more. Null where there is nothing to compare.</param>
/// <param name="Tolerance">How much of a change says nothing.</param>
internal sealed record FigureComparison(string Benchmark, string Figure, string? Bound, double? Kept, double? Fresh, double? Change, double? Tolerance, Verdict Verdict)
{
    /// <summary>The same code runs that much faster or slower from process to process, as the compiler saw other samples and memory lies elsewhere; runs within one process do not show it.</summary>
    private const double LeastTolerance = 0.1;

    /// <summary>In spreads of both: beyond that, one comparison in thousands is chance.</summary>
    private const double Spreads = 3;

    /// <summary>Of costs near zero, such as the bytes that a TLP allocates, a part says nothing.</summary>
    private const double LeastDifference = 0.01;

    /// <summary>Of percents of which less is better, such as throughput lost, which noise takes below zero too: points.</summary>
    private const double LeastPoints = 5;

    /// <summary>Every comparable figure of the benchmarks that ran, then what was kept of them and is gone.</summary>
    public static IReadOnlyList<FigureComparison> Of(IReadOnlyList<BenchmarkResult> kept, IReadOnlyList<BenchmarkResult> fresh)
    {
        var comparisons = new List<FigureComparison>();
        foreach (var benchmark in fresh)
        {
            var before = CostsOf(kept.FirstOrDefault(result => result.Name == benchmark.Name));
            var now = CostsOf(benchmark);
            comparisons.AddRange(now.Select(figure => Of(benchmark.Name, before.FirstOrDefault(f => f.Name == figure.Name), figure)));
            comparisons.AddRange(before.Where(figure => now.All(f => f.Name != figure.Name)).Select(figure => Of(benchmark.Name, figure, fresh: null)));
        }
        return comparisons;
    }

    private static IReadOnlyList<FigureResult> CostsOf(BenchmarkResult? benchmark) => [.. (benchmark?.Figures ?? []).Where(figure => figure.Cost is not null)];

    private static FigureComparison Of(string benchmark, FigureResult? kept, FigureResult? fresh)
    {
        var (name, bound) = fresh is null ? (kept!.Name, kept.Bound) : (fresh.Name, fresh.Bound);
        if (kept?.Cost is not { } before) return new(benchmark, name, bound, null, fresh!.Cost!.Median, null, null, Verdict.New);
        if (fresh?.Cost is not { } now) return new(benchmark, name, bound, before.Median, null, null, null, Verdict.Gone);
        var least = fresh is { Unit: "%", MoreIsBetter: false } ? LeastPoints : LeastDifference;
        var difference = now.Median - before.Median;
        var allowed = Math.Max(least, Math.Max(LeastTolerance * before.Median, Spreads * (before.Spread + now.Spread)));
        var verdict = difference > allowed ? Verdict.Worse : difference < -allowed ? Verdict.Better : Verdict.Same;
        return before.Median < least
            ? new(benchmark, name, bound, before.Median, now.Median, null, null, verdict)
            : new(benchmark, name, bound, before.Median, now.Median, difference / before.Median, allowed / before.Median, verdict);
    }
}

/// <summary>What a comparison comes to.</summary>
internal enum Verdict
{
    Same,
    Worse,
    Better,

    /// <summary>Nothing was kept to compare it with.</summary>
    New,

    /// <summary>It was kept, and its benchmark does not measure it any more.</summary>
    Gone,
}
