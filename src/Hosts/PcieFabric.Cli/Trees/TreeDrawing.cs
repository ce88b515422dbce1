using PcieFabric.Cli.CommandLine;
using PcieFabric.Topologies.Enumerated;
using Spectre.Console;

namespace PcieFabric.Cli.Trees;

/// <summary>A fabric as <c>lspci -tv</c> would draw it, with paths.</summary>
internal sealed class TreeDrawing
{
    /// <summary>What a person still reads line by line: about a page.</summary>
    public const int MostDrawnWhole = 64;

    /// <summary>Columns that a level of the tree is further to the right.</summary>
    private const int Indent = 4;

    /// <summary>Columns that a line takes at most besides its indent and its path.</summary>
    private const int WordsWidth = 160;

    private readonly Extent _extent;
    private readonly bool _verbose;
    private readonly Likeness? _likeness;

    private TreeDrawing(Extent extent, bool verbose, int functions)
    {
        _extent = extent;
        _verbose = verbose;
        _likeness = extent.All || functions <= MostDrawnWhole ? null : new Likeness();
    }

    public static void Write(CommandContext context, string topology, EnumeratedFabric fabric, Extent extent, TreeSummary summary)
    {
        var drawing = new TreeDrawing(extent, context.Verbosity > 0, summary.EndpointFunctions + summary.Bridges);
        var levels = fabric.Hosts.Max(host => host.Segments.Max(segment => segment.RootBus.Select(LevelsOf).DefaultIfEmpty().Max()));
        // Lines that do not fit are the terminal's to wrap: cut into pieces they could not be copied, and deep below there would be no room at all.
        var longestPath = fabric.Hosts.SelectMany(host => host.Functions).Max(function => function.Path.Length);
        context.Console.Profile.Width = Math.Max(context.Width, levels * Indent + WordsWidth + longestPath);
        context.Console.Write(drawing.Draw(topology, fabric));
        if (context.Quiet) return;
        context.Output.WriteLine();
        context.Output.WriteLine(summary);
    }

    private static int LevelsOf(PlacedFunction function) => 1 + function.Children.Select(LevelsOf).DefaultIfEmpty().Max();

    private Tree Draw(string topology, EnumeratedFabric fabric)
    {
        var tree = new Tree($"[bold]{Markup.Escape(topology)}[/]");
        foreach (var group in _likeness?.Group(fabric.Hosts) ?? Likeness.Apart(fabric.Hosts))
        {
            var segments = group.First.Segments;
            if (segments is [{ Settings.Name: "" } only])
            {
                Draw(tree.AddNode($"{TreeLine.Of(group)}  {TreeLine.Of(only, _verbose)}"), only);
                continue;
            }
            var node = tree.AddNode(TreeLine.Of(group));
            foreach (var segment in segments)
                Draw(node.AddNode($"[bold]{Markup.Escape(segment.Settings.Name)}[/]  {TreeLine.Of(segment, _verbose)}"), segment);
        }
        return tree;
    }

    private void Draw(TreeNode node, EnumeratedSegment segment) => Draw(node, segment.RootBus, _extent.Levels);

    private void Draw(TreeNode parent, IReadOnlyList<PlacedFunction> functions, int levels)
    {
        if (functions.Count == 0) return;
        if (levels == 0)
        {
            parent.AddNode($"[dim]… {TreeSummary.Count(functions.Sum(function => function.DepthFirst().Count()), "function")}[/]");
            return;
        }
        foreach (var group in _likeness?.Group(functions) ?? Likeness.Apart(functions))
            Draw(parent.AddNode(TreeLine.Of(group, _verbose)), group.First.Children, levels - 1);
    }

    /// <param name="Levels">Of functions, from root ports on.</param>
    /// <param name="All">No two functions share a line.</param>
    internal readonly record struct Extent(int Levels, bool All);
}
