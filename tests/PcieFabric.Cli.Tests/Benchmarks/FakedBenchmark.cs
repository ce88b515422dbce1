using PcieFabric.Cli.Benchmarks;

namespace PcieFabric.Cli.Tests.Benchmarks;

/// <summary>Gives figures that a test wrote down, a set a run, over and over.</summary>
internal sealed class FakedBenchmark(string name, params IReadOnlyList<IReadOnlyList<Figure>> runs) : IBenchmark
{
    private int _run;

    public string Name => name;

    public string Description => "figures that a test wrote down";

    public IReadOnlyList<Figure> Run(CancellationToken cancellation) => runs[_run++ % runs.Count];

    /// <summary>One figure of TLPs a second; a value a run.</summary>
    public static FakedBenchmark OfRates(params double[] rates) => new("faked", [.. rates.Select(rate => (IReadOnlyList<Figure>)[new Figure("TLPs", rate, "1/s", MoreIsBetter: true)])]);
}
