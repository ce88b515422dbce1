using System.Diagnostics;
using PcieFabric.RootComplexes;
using PcieFabric.RootComplexes.Enumeration;
using PcieFabric.Topologies;
using PcieFabric.Topologies.Building;
using PcieFabric.Topologies.Reading;
using PcieFabric.Units;

namespace PcieFabric.Cli.Benchmarks;

/// <summary>The fabrics whose size is what is measured.</summary>
internal static class LargeFabric
{
    public const int FunctionsOfSegment = 253 * FunctionsOfCard;

    private const int FunctionsOfCard = 256;

    public static TopologyDefinition Read(string name) => TopologyReader.Read(Path.Combine(AppContext.BaseDirectory, "topologies", name + ".yaml"));

    /// <summary>The shipped segment: the first of its cards, the first functions of one card, or several of it.</summary>
    /// <param name="functions">At most those of a card, or whole cards, or whole segments.</param>
    public static TopologyDefinition Segment(int functions)
    {
        var topology = Read("segment");
        var host = topology.Hosts[0];
        if (functions >= FunctionsOfSegment)
            return topology with { Hosts = [.. Enumerable.Range(0, functions / FunctionsOfSegment).Select(i => host with { Name = $"node{i}" })] };
        var root = host.RootComplexes[0];
        var card = (EndpointDefinition)root.Ports[0].Attached!;
        var port = root.Ports[0] with { Attached = card with { Functions = [.. card.Functions.Take(functions)] } };
        var ports = Enumerable.Repeat(port, Math.Max(1, functions / FunctionsOfCard));
        return topology with { Hosts = [host with { RootComplexes = [root with { Ports = [.. ports] }] }] };
    }

    /// <summary>All hosts at once, on one thread, and what they found is forgotten.</summary>
    /// <param name="then">What hosts do after it, in the same run.</param>
    public static TimeSpan Enumerate(Fabric fabric, CancellationToken cancellation, Func<Host, Task>? then = null, SimTime? until = null)
    {
        foreach (var rootComplex in fabric.Hosts.Values)
        {
            rootComplex.Run(async host =>
            {
                for (var i = 0; i < host.Hierarchies.Count; i++)
                {
                    var hierarchy = host.Hierarchies[i];
                    await new Enumerator(host.Configuration[i], new EnumeratorOptions { Memory = hierarchy.Memory, PrefetchableMemory = hierarchy.Prefetchable, Io = hierarchy.Io }).RunAsync();
                }
                if (then is not null) await then(host);
            });
        }
        var watch = Stopwatch.StartNew();
        fabric.Engine.Run(until, cancellation: cancellation);
        return watch.Elapsed;
    }
}
