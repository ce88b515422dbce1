using System.Text.Json.Serialization;

namespace PcieFabric.Cli.Benchmarks;

/// <summary>All runs of one benchmark.</summary>
internal sealed record BenchmarkResult(string Name, string Description, int Runs, IReadOnlyList<FigureResult> Figures)
{
    public static BenchmarkResult Of(IBenchmark benchmark, IReadOnlyList<IReadOnlyList<Figure>> runs) => new(
        benchmark.Name,
        benchmark.Description,
        runs.Count,
        [.. runs[0].Select((figure, i) => FigureResult.Of(figure, runs.Select(r => r[i].Value)))]);
}

/// <summary>One figure over all runs.</summary>
internal sealed record FigureResult(string Name, string Unit, double Median, double Min, double Max, bool? MoreIsBetter)
{
    public static FigureResult Of(Figure figure, IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return new FigureResult(figure.Name, figure.Unit, sorted[sorted.Length / 2], sorted[0], sorted[^1], figure.MoreIsBetter);
    }
}

/// <summary>What <c>bench --json</c> prints.</summary>
internal sealed record BenchmarkReport(IReadOnlyList<BenchmarkResult> Benchmarks);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(BenchmarkReport))]
internal sealed partial class BenchmarkJson : JsonSerializerContext;
