using PcieFabric.Cli.Plots;

namespace PcieFabric.Cli.Profiles;

/// <summary>
/// Draws sampled stacks: a box is a method, as wide as the time spent in it and in what it called, which stands below it. Colours are the folders of the sources;
/// the legend tells what share of the time was spent in each itself.
/// </summary>
internal static class SvgFlameGraph
{
    private const int WidthPixels = 1200, MarginPixels = 16, TitlePixels = 34, LegendPixels = 26, RowPixels = 19;
    private const double CharacterPixels = 6.6, LeastWidthPixels = 1;

    /// <summary>The last colour there is, for all folders that no colour is left for.</summary>
    private const int OtherSeries = 7;

    /// <summary>Text on boxes, which are dark on white paper and light on dark paper.</summary>
    private static readonly string[] Rules = [".box{fill:#fff;font-size:11px}", "@media(prefers-color-scheme:dark){.box{fill:#14171d}}"];

    public static void Write(TextWriter output, string title, StackTree tree)
    {
        var pixelsPerSample = (double)(WidthPixels - 2 * MarginPixels) / tree.Samples;
        var top = TitlePixels + LegendPixels;
        var canvas = new SvgCanvas(output, WidthPixels, top + tree.DepthOf(LeastWidthPixels / pixelsPerSample) * RowPixels + MarginPixels, title, Rules);
        canvas.Text(MarginPixels, 24, title, "title");
        var folders = tree.OwnByFolder();
        var series = folders.Select((folder, i) => (folder.Folder, Series: Math.Min(i, OtherSeries))).ToDictionary(folder => folder.Folder, folder => folder.Series);
        var left = (double)MarginPixels;
        foreach (var ofSeries in folders.GroupBy(folder => series[folder.Folder]))
        {
            var text = $"{(ofSeries.Key == OtherSeries ? "others" : ofSeries.First().Folder)} {Share(ofSeries.Sum(folder => folder.Samples), tree)}";
            canvas.Mark(left + 4, TitlePixels + 8, ofSeries.Key);
            canvas.Text(left + 14, TitlePixels + 12, text, "label");
            left += 14 + text.Length * CharacterPixels + MarginPixels;
        }
        Draw(canvas, tree, tree, MarginPixels, top, pixelsPerSample, series);
        canvas.Close();
    }

    private static void Draw(SvgCanvas canvas, StackTree root, StackTree tree, double left, double top, double pixelsPerSample, Dictionary<string, int> series)
    {
        var width = tree.Samples * pixelsPerSample;
        if (width < LeastWidthPixels) return;
        canvas.Bar(left, top, width - 0.5, RowPixels - 1, series[tree.Frame.Folder], $"{tree.Frame.Name}: {Share(tree.Samples, root)}, itself {Share(tree.Own, root)}");
        var characters = (int)((width - 6) / CharacterPixels);
        if (characters >= 4) canvas.Text(left + 3, top + 13, tree.Frame.Name.Length <= characters ? tree.Frame.Name : $"{tree.Frame.Name[..(characters - 1)]}…", "box");
        foreach (var callee in tree.Callees)
        {
            Draw(canvas, root, callee, left, top + RowPixels, pixelsPerSample, series);
            left += callee.Samples * pixelsPerSample;
        }
    }

    private static string Share(int samples, StackTree of) => FormattableString.Invariant($"{100.0 * samples / of.Samples:0.#} %");
}
