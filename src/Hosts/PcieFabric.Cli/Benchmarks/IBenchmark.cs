namespace PcieFabric.Cli.Benchmarks;

/// <summary>One of the project's own measurements.</summary>
internal interface IBenchmark
{
    string Name { get; }

    /// <summary>What is measured, in a phrase.</summary>
    string Description { get; }

    /// <summary>Runs once, warm-up included.</summary>
    IReadOnlyList<Figure> Run(CancellationToken cancellation);
}

/// <param name="Name">What, in a few words.</param>
/// <param name="Unit">As shown.</param>
/// <param name="MoreIsBetter">Null where neither is.</param>
/// <param name="Undisturbed">It is the median or the best of many short moments, or time that a processor worked: waiting for a processor does not show in it.</param>
internal sealed record Figure(string Name, double Value, string Unit, bool? MoreIsBetter = null, bool Undisturbed = false);
