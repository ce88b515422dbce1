namespace PcieFabric.Cli.Benchmarks;

/// <summary>All runs of one benchmark.</summary>
internal sealed record BenchmarkResult(string Name, string Description, int Runs, IReadOnlyList<FigureResult> Figures)
{
    /// <param name="runs">The figures of each, and how fast the machine was around it.</param>
    public static BenchmarkResult Of(IBenchmark benchmark, IReadOnlyList<(IReadOnlyList<Figure> Figures, MachineSpeeds Speeds)> runs) => new(
        benchmark.Name,
        benchmark.Description,
        runs.Count,
        [.. runs[0].Figures.Select((_, i) => FigureResult.Of([.. runs.Select(run => (run.Figures[i], run.Speeds))]))]);
}

/// <summary>One figure over all runs.</summary>
/// <param name="Bound">As <see cref="MachineBound.Of"/> has it.</param>
/// <param name="Cost">As <see cref="MachineBound.Cost"/> has it; null for a figure that neither more nor less makes better.</param>
internal sealed record FigureResult(string Name, string Unit, double Median, double Min, double Max, bool? MoreIsBetter = null, string? Bound = null, Cost? Cost = null)
{
    public static FigureResult Of(IReadOnlyList<(Figure Figure, MachineSpeeds Speeds)> runs)
    {
        var figure = runs[0].Figure;
        var values = runs.Select(run => run.Figure.Value).ToArray();
        var cost = figure.MoreIsBetter is null ? null : Cost.Of([.. runs.Select(run => MachineBound.Cost(run.Figure, run.Figure.Undisturbed ? run.Speeds.Best : run.Speeds.Sustained))]);
        return new FigureResult(figure.Name, figure.Unit, Cost.MedianOf(values), values.Min(), values.Max(), figure.MoreIsBetter, cost is null ? null : MachineBound.Of(figure.Unit), cost);
    }
}

/// <summary>What a figure costs, over all runs: less is better.</summary>
/// <param name="Spread">The median of the distances from the median: one run that something else disturbed does not widen it.</param>
internal sealed record Cost(double Median, double Spread)
{
    public static Cost Of(IReadOnlyList<double> runs)
    {
        var median = MedianOf(runs);
        return new Cost(median, MedianOf([.. runs.Select(run => Math.Abs(run - median))]));
    }

    public static double MedianOf(IReadOnlyList<double> values) => values.Order().ElementAt(values.Count / 2);
}
