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
    /// <summary>Of all kinds: those of 255 cards, 255 root ports, and the host bridge.</summary>
    public const int FunctionsOfSegment = 65_536;

    private const int FunctionsOfCard = 256;

    /// <summary>Also of few functions each, so that sixteen that are busy have as many links between them in a small fabric as in a large one.</summary>
    private const int FewestCards = 16;

    /// <summary>What the hosts found, root ports and host bridges included, and how long they took.</summary>
    public readonly record struct Enumeration(int Functions, TimeSpan Elapsed);

    public static TopologyDefinition Read(string name) => TopologyReader.Read(Path.Combine(AppContext.BaseDirectory, "topologies", name + ".yaml"));

    /// <summary>The shipped segment: the first of its cards, or the first functions of sixteen cards; or several segments.</summary>
    /// <param name="functions">Of cards: a multiple of sixteen, or whole cards. Or all of a segment, or several.</param>
    public static TopologyDefinition Segment(int functions)
    {
        var topology = Read("segment");
        var host = topology.Hosts[0];
        if (functions >= FunctionsOfSegment)
            return topology with { Hosts = [.. Enumerable.Range(0, functions / FunctionsOfSegment).Select(i => host with { Name = $"node{i}" })] };
        var root = host.RootComplexes[0];
        var card = (EndpointDefinition)root.Ports[0].Attached!;
        var cards = Math.Max(FewestCards, functions / FunctionsOfCard);
        var port = root.Ports[0] with { Attached = card with { Functions = [.. card.Functions.Take(functions / cards)] } };
        var ports = Enumerable.Repeat(port, cards);
        return topology with { Hosts = [host with { RootComplexes = [root with { Ports = [.. ports] }] }] };
    }

    /// <summary>All hosts at once, on one thread, and what they found is forgotten.</summary>
    /// <param name="then">What hosts do after it, in the same run.</param>
    public static Enumeration Enumerate(Fabric fabric, CancellationToken cancellation, Func<Host, Task>? then = null, SimTime? until = null)
    {
        var functions = 0;
        foreach (var rootComplex in fabric.Hosts.Values)
        {
            rootComplex.Run(async host =>
            {
                for (var i = 0; i < host.Hierarchies.Count; i++)
                {
                    var hierarchy = host.Hierarchies[i];
                    var found = await new Enumerator(host.Configuration[i], new EnumeratorOptions { Memory = hierarchy.Memory, PrefetchableMemory = hierarchy.Prefetchable, Io = hierarchy.Io }).RunAsync();
                    functions += found.Functions.Count;
                }
                if (then is not null) await then(host);
            });
        }
        var watch = Stopwatch.StartNew();
        fabric.Engine.Run(until, cancellation: cancellation);
        return new Enumeration(functions, watch.Elapsed);
    }
}
