using System.Globalization;
using System.Security;

namespace PcieFabric.Cli.Plots;

/// <summary>Writes the elements of an SVG document. Coordinates are pixels from the left and from the top, to a tenth.</summary>
internal sealed class SvgCanvas
{
    private const double MarkRadius = 3.5;

    private readonly TextWriter _output;

    /// <param name="rules">For kinds of text that only this picture has, after those of all.</param>
    public SvgCanvas(TextWriter output, int width, int height, string title, params IReadOnlyList<string> rules)
    {
        _output = output;
        Element($"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{SecurityElement.Escape(title)}\">");
        Element("<style>");
        foreach (var rule in SvgPalette.Rules().Concat(rules)) Element(rule);
        Element("</style>");
        Element($"<rect class=\"paper\" width=\"{width}\" height=\"{height}\" rx=\"8\"/>");
    }

    public void Close() => Element("</svg>");

    /// <param name="anchor">Which part of the text is there: <c>start</c>, <c>middle</c> or <c>end</c>.</param>
    public void Text(double x, double y, string text, string kind, string anchor = "start") =>
        Element($"<text class=\"{kind}\" x=\"{Number(x)}\" y=\"{Number(y)}\"{(anchor == "start" ? "" : $" text-anchor=\"{anchor}\"")}>{SecurityElement.Escape(text)}</text>");

    public void Line(double fromX, double fromY, double toX, double toY, string kind) =>
        Element($"<line class=\"{kind}\" x1=\"{Number(fromX)}\" y1=\"{Number(fromY)}\" x2=\"{Number(toX)}\" y2=\"{Number(toY)}\"/>");

    public void Polyline(IEnumerable<(double X, double Y)> points, string kind) =>
        Element($"<polyline class=\"{kind}\" points=\"{string.Join(' ', points.Select(point => $"{Number(point.X)},{Number(point.Y)}"))}\"/>");

    /// <summary>A mark of the series' own form, which tells what it stands for where the reader points at it.</summary>
    public void Mark(double x, double y, int series, string? hint = null)
    {
        var fill = SvgPalette.FillOf(series);
        var (left, right, above, below) = (Number(x - MarkRadius), Number(x + MarkRadius), Number(y - MarkRadius), Number(y + MarkRadius));
        var (middle, centre) = (Number(x), Number(y));
        Hinted((series % 4) switch
        {
            0 => $"<circle class=\"{fill}\" cx=\"{middle}\" cy=\"{centre}\" r=\"{Number(MarkRadius)}\"",
            1 => $"<rect class=\"{fill}\" x=\"{left}\" y=\"{above}\" width=\"{Number(2 * MarkRadius)}\" height=\"{Number(2 * MarkRadius)}\"",
            2 => $"<polygon class=\"{fill}\" points=\"{middle},{Number(y - 1.3 * MarkRadius)} {right},{below} {left},{below}\"",
            _ => $"<polygon class=\"{fill}\" points=\"{middle},{Number(y - 1.3 * MarkRadius)} {Number(x + 1.3 * MarkRadius)},{centre} {middle},{Number(y + 1.3 * MarkRadius)} {Number(x - 1.3 * MarkRadius)},{centre}\"",
        }, hint);
    }

    public void Bar(double x, double y, double width, double height, int series, string hint) =>
        Hinted($"<rect class=\"{SvgPalette.FillOf(series)}\" x=\"{Number(x)}\" y=\"{Number(y)}\" width=\"{Number(width)}\" height=\"{Number(height)}\"", hint);

    private void Hinted(string opened, string? hint)
    {
        var name = opened[1..opened.IndexOf(' ', StringComparison.Ordinal)];
        Element(hint is null ? $"{opened}/>" : $"{opened}><title>{SecurityElement.Escape(hint)}</title></{name}>");
    }

    /// <summary>Lines end alike on all systems.</summary>
    private void Element(string text)
    {
        _output.Write(text);
        _output.Write('\n');
    }

    private static string Number(double value) => Math.Round(value, 1).ToString("0.#", CultureInfo.InvariantCulture);
}
