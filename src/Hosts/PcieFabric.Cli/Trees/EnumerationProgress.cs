using PcieFabric.Cli.CommandLine;
using PcieFabric.Topologies;
using PcieFabric.Topologies.Building;
using PcieFabric.Topologies.Enumerated;
using Spectre.Console;

namespace PcieFabric.Cli.Trees;

/// <summary>Shows how far enumeration has come, to a person who would otherwise wonder.</summary>
internal static class EnumerationProgress
{
    /// <summary>Fewer functions are there before the eye has found the bar.</summary>
    private const int WorthShowing = 1000;

    /// <param name="enumerate">Does the work, and calls what it is given for each function found.</param>
    public static EnumeratedFabric Watch(CommandContext context, Fabric fabric, string? host, Func<Action?, EnumeratedFabric> enumerate)
    {
        var expected = fabric.Ports.Keys.Concat(TopologyInstances.Functions(fabric.Topology).Select(function => function.Path))
            .Count(path => host is null || path.StartsWith(host + "/", StringComparison.Ordinal));
        if (!context.Interactive || expected < WorthShowing)
            return enumerate(null);
        return context.Console.Progress().AutoClear(true).Start(progress =>
        {
            var task = progress.AddTask("enumerating", maxValue: expected);
            return enumerate(() => task.Increment(1));
        });
    }
}
