namespace PcieFabric.Cli.Plots;

/// <summary>One metric over one setting: lines where the setting is a number, groups of bars where it is a word.</summary>
/// <param name="Ordinate">The metric.</param>
/// <param name="Abscissa">The setting.</param>
/// <param name="Places">Its values, in the order in which they are drawn.</param>
/// <param name="Y">The scale of the metric.</param>
/// <param name="Series">Values by series.</param>
internal sealed record Diagram(string Ordinate, string Abscissa, IReadOnlyList<DiagramPlace> Places, AxisScale Y, IReadOnlyList<DiagramSeries> Series)
{
    public bool HasBars => Places.Any(place => place.Value is null);
}

/// <summary>A value of the setting of a diagram.</summary>
/// <param name="Value">In the base unit of its dimension; null for a word.</param>
internal sealed record DiagramPlace(string Text, double? Value);

/// <summary>A line of a diagram, or its bars of one colour.</summary>
/// <param name="Number">Among the series of the plot: the same colour and mark in all of its diagrams.</param>
/// <param name="Points">Index of the place and value of the metric, in the order of the places.</param>
internal sealed record DiagramSeries(string Name, int Number, IReadOnlyList<(int Place, double Value)> Points);
