namespace PcieFabric.Cli.Plots;

/// <summary>A picture of an experiment's results: diagrams one below the other, with one legend.</summary>
/// <param name="Series">The names of all series, in the order of the legend; a diagram has some of them or all.</param>
internal sealed record Plot(string Title, IReadOnlyList<Diagram> Diagrams, IReadOnlyList<string> Series);
