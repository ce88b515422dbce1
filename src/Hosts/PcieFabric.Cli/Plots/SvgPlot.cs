namespace PcieFabric.Cli.Plots;

/// <summary>Draws a plot as an SVG document of its own: no scripts, no fonts, no links; light or dark as the reader's screen is. The same plot is the same bytes.</summary>
internal static class SvgPlot
{
    public const int WidthPixels = 800;

    private const int MarginPixels = 16, TitlePixels = 34, LegendRowPixels = 20, LegendGapPixels = 18, SwatchPixels = 22;
    private const double CharacterPixels = 6.6;

    public static void Write(TextWriter output, Plot plot)
    {
        var legend = Legend(plot.Series);
        var legendPixels = legend.Count == 0 ? 0 : (legend[^1].Row + 1) * LegendRowPixels + 6;
        var height = TitlePixels + legendPixels + plot.Diagrams.Count * SvgDiagram.HeightPixels + MarginPixels;
        var canvas = new SvgCanvas(output, WidthPixels, height, plot.Title);
        canvas.Text(MarginPixels, 24, plot.Title, "title");
        foreach (var (number, left, row) in legend)
        {
            var y = TitlePixels + row * LegendRowPixels + 8;
            canvas.Line(left, y, left + SwatchPixels - 6, y, SvgPalette.ClassOf(number));
            canvas.Mark(left + (SwatchPixels - 6) / 2.0, y, number);
            canvas.Text(left + SwatchPixels, y + 4, plot.Series[number], "label");
        }
        for (var i = 0; i < plot.Diagrams.Count; i++) SvgDiagram.Draw(canvas, plot.Diagrams[i], TitlePixels + legendPixels + i * SvgDiagram.HeightPixels);
        canvas.Close();
    }

    /// <summary>Entries in rows, as wide as their text is likely to be. A plot of one series without a name needs none.</summary>
    private static List<(int Number, double Left, int Row)> Legend(IReadOnlyList<string> series)
    {
        var entries = new List<(int, double, int)>();
        var (left, row) = ((double)MarginPixels, 0);
        for (var number = 0; number < series.Count; number++)
        {
            if (series[number].Length == 0) continue;
            var width = SwatchPixels + series[number].Length * CharacterPixels;
            if (left > MarginPixels && left + width > WidthPixels - MarginPixels) (left, row) = (MarginPixels, row + 1);
            entries.Add((number, left, row));
            left += width + LegendGapPixels;
        }
        return entries;
    }
}
