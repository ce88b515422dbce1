using System.CommandLine;
using System.Diagnostics;
using PcieFabric.Cli.CommandLine;
using PcieFabric.Input;
using PcieFabric.Topologies.Building;
using PcieFabric.Topologies.Enumerated;
using PcieFabric.Topologies.Reading;

namespace PcieFabric.Cli.Trees;

/// <summary><c>pciefabric tree</c>: enumerates a topology with configuration TLPs, and shows what the hosts found.</summary>
internal static class TreeCommand
{
    public static Command Create()
    {
        var topology = new Argument<string>("TOPOLOGY") { Description = "A topology file" };
        var host = new Option<string?>("--host") { Description = "Only this host enumerates, and is shown", HelpName = "NAME" };
        var depth = new Option<int?>("--depth") { Description = "How many functions deep to draw, from 1 for root ports alone", HelpName = "N" };
        var all = new Option<bool>("--all") { Description = $"Draw every function; otherwise siblings that are equal appear once (×16) where there are more than {TreeDrawing.MostDrawnWhole} functions" };
        var virtualFunctions = new Option<bool>("--virtual-functions") { Description = "Hosts enable all virtual functions that their devices have, and show them" };
        var dump = new Option<string?>("--dump")
        {
            Description = "Print the configuration spaces for 'lspci -F', or write them to FILE, and draw nothing",
            HelpName = "FILE",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var command = new FabricCommand("tree",
            """
            Enumerates a topology and draws what its hosts found, like 'lspci -tv'.

            Every host finds its functions, numbers its buses and assigns its addresses with configuration TLPs that travel through the fabric. A line has
            the function's bus number, class, vendor:device, the buses below a bridge, its link, and the path by which experiments name it. With -v
            it also has addresses, sizes and capabilities.
            """,
            "pciefabric tree config/topologies/one-switch.yaml",
            "pciefabric tree config/topologies/two-level.yaml -v          # addresses and capabilities too",
            "pciefabric tree config/topologies/rack.yaml --host node1 --depth 3",
            "pciefabric tree config/topologies/virtual-functions.yaml --virtual-functions",
            "pciefabric tree config/topologies/two-level.yaml --dump fabric.txt && lspci -F fabric.txt -vvv",
            "pciefabric tree config/topologies/rack.yaml --json") { topology, host, depth, all, virtualFunctions, dump, new JsonOption() };
        command.SetAction((context, cancellation) => Task.FromResult(Run(context,
            context.Arguments.GetValue(topology)!,
            context.Arguments.GetValue(host),
            context.Arguments.GetValue(virtualFunctions),
            new TreeDrawing.Extent(Levels(context.Arguments.GetValue(depth)), context.Arguments.GetValue(all)),
            context.Arguments.GetResult(dump) is null ? null : DumpTarget.Of(context.Arguments.GetValue(dump), context.Arguments.GetValue(topology)!, context.Json),
            cancellation)));
        return command;
    }

    private static ExitCode Run(CommandContext context, string topology, string? host, bool virtualFunctions, TreeDrawing.Extent extent, DumpTarget? dump, CancellationToken cancellation)
    {
        using var fabric = FabricBuilder.Build(TopologyReader.Read(topology));
        var clock = Stopwatch.StartNew();
        var enumerated = EnumerationProgress.Watch(context, fabric, host, found =>
            EnumeratedFabric.Enumerate(fabric, host, Environment.ProcessorCount, found, virtualFunctions, cancellation));
        var summary = new TreeSummary(enumerated, fabric.Engine.Delivered, clock.Elapsed);
        context.Log.Information("{Summary}", summary.ToString());

        dump?.Write(enumerated, context.Output);
        if (context.Json)
            context.WriteJson(TreeReport.Of(fabric.Topology.Name, enumerated, summary), TreeJson.Default.TreeReport);
        else if (dump is null)
            TreeDrawing.Write(context, fabric.Topology.Name, enumerated, extent, summary);
        return ExitCode.Done;
    }

    private static int Levels(int? depth) => depth switch
    {
        null => int.MaxValue,
        >= 1 => depth.Value,
        _ => throw new InputException($"--depth: {depth} shows nothing", "1 shows root ports alone"),
    };
}
