namespace PcieFabric.Cli.Plots;

/// <summary>Draws one diagram of a plot.</summary>
internal static class SvgDiagram
{
    public const int HeightPixels = 290;

    private const double Left = 84, Right = SvgPlot.WidthPixels - 24, Above = 32, Below = 46;
    private const double TickLabelPixels = 52, EdgePixels = 18, CharacterPixels = 6.6;

    /// <summary>Of the room that a group of bars has, what stays free.</summary>
    private const double GroupGap = 0.24;

    /// <summary>More bars than these have no room for their values.</summary>
    private const int MostLabelledBars = 16;

    public static void Draw(SvgCanvas canvas, Diagram diagram, double top)
    {
        var (ceiling, floor) = (top + Above, top + HeightPixels - Below);
        canvas.Text(Left, top + 18, diagram.Ordinate, "name");
        foreach (var (value, label) in diagram.Y.Ticks)
        {
            var y = Height(diagram, value, ceiling, floor);
            canvas.Line(Left, y, Right, y, "grid");
            canvas.Text(Left - 8, y + 4, label, "label", "end");
        }
        var places = diagram.HasBars ? Slots(diagram) : Positions(diagram);
        Abscissa(canvas, diagram, places, floor);
        if (diagram.HasBars) Bars(canvas, diagram, places, ceiling, floor);
        else Lines(canvas, diagram, places, ceiling, floor);
        canvas.Line(Left, floor, Right, floor, "axis");
        canvas.Line(Left, ceiling, Left, floor, "axis");
        canvas.Text((Left + Right) / 2, floor + 38, diagram.Abscissa, "label", "middle");
    }

    private static double Height(Diagram diagram, double value, double ceiling, double floor) => floor - diagram.Y.Place(value) * (floor - ceiling);

    /// <summary>Middles of equal parts of the axis.</summary>
    private static double[] Slots(Diagram diagram) => [.. diagram.Places.Select((_, i) => Left + (i + 0.5) * (Right - Left) / diagram.Places.Count)];

    /// <summary>Numbers where they are, by difference or by ratio.</summary>
    private static double[] Positions(Diagram diagram)
    {
        double[] values = [.. diagram.Places.Select(place => place.Value!.Value)];
        if (values.Length == 1) return [(Left + Right) / 2];
        if (AxisScale.IsGeometric(values)) values = [.. values.Select(Math.Log2)];
        var (from, to) = (Left + EdgePixels, Right - EdgePixels);
        return [.. values.Select(value => from + (value - values[0]) / (values[^1] - values[0]) * (to - from))];
    }

    /// <summary>A mark for each place, and its label where the one before leaves room.</summary>
    private static void Abscissa(SvgCanvas canvas, Diagram diagram, double[] places, double floor)
    {
        var free = double.NegativeInfinity;
        for (var i = 0; i < places.Length; i++)
        {
            if (!diagram.HasBars) canvas.Line(places[i], floor, places[i], floor + 4, "axis");
            var half = Math.Max(TickLabelPixels, diagram.Places[i].Text.Length * CharacterPixels) / 2;
            if (places[i] - half < free) continue;
            canvas.Text(places[i], floor + 18, diagram.Places[i].Text, "label", "middle");
            free = places[i] + half;
        }
    }

    private static void Lines(SvgCanvas canvas, Diagram diagram, double[] places, double ceiling, double floor)
    {
        foreach (var series in diagram.Series)
        {
            List<(double X, double Y)> points = [.. series.Points.Select(point => (places[point.Place], Height(diagram, point.Value, ceiling, floor)))];
            if (points.Count > 1) canvas.Polyline(points, $"line {SvgPalette.ClassOf(series.Number)}");
            for (var i = 0; i < points.Count; i++) canvas.Mark(points[i].X, points[i].Y, series.Number, Hint(diagram, series, series.Points[i]));
        }
    }

    private static void Bars(SvgCanvas canvas, Diagram diagram, double[] places, double ceiling, double floor)
    {
        var group = (Right - Left) / places.Length * (1 - GroupGap);
        var width = Math.Min(group / diagram.Series.Count, 64);
        var isLabelled = diagram.Series.Sum(series => series.Points.Count) <= MostLabelledBars;
        for (var i = 0; i < diagram.Series.Count; i++)
        {
            var series = diagram.Series[i];
            foreach (var point in series.Points)
            {
                var left = places[point.Place] + (i - diagram.Series.Count / 2.0) * width;
                var y = Height(diagram, point.Value, ceiling, floor);
                canvas.Bar(left + 1, y, width - 2, floor - y, series.Number, Hint(diagram, series, point));
                if (isLabelled) canvas.Text(left + width / 2, y - 4, diagram.Y.Describe(point.Value), "value", "middle");
            }
        }
    }

    private static string Hint(Diagram diagram, DiagramSeries series, (int Place, double Value) point) =>
        $"{(series.Name.Length == 0 ? "" : $"{series.Name}: ")}{diagram.Y.Describe(point.Value)} at {diagram.Places[point.Place].Text}";
}
