using System.Text;
using PcieFabric.Addressing;
using PcieFabric.ConfigSpaces;
using PcieFabric.ConfigSpaces.Capabilities;
using PcieFabric.RootComplexes.Enumeration;
using PcieFabric.Topologies.Enumerated;
using PcieFabric.Units;
using Spectre.Console;

namespace PcieFabric.Cli.Trees;

/// <summary>The words for one node of the tree, in Spectre's markup.</summary>
internal static class TreeLine
{
    public static string Of(SiblingGroup<EnumeratedHost> hosts) =>
        hosts.Count == 1 ? $"[bold]{hosts.First.Name}[/]" : $"[bold]{hosts.First.Name}[/] … [bold]{hosts.Last.Name}[/] {Times(hosts.Count)}";

    public static string Of(EnumeratedSegment segment, bool verbose)
    {
        var (settings, found) = (segment.Settings, segment.Found);
        var line = $"segment {settings.Segment:x4}, buses {found.FirstBus:x2}-{found.LastBus:x2}";
        return verbose ? line + Detail(Windows(settings.Memory, settings.Prefetchable, settings.Io)) : line;
    }

    public static string Of(SiblingGroup<PlacedFunction> group, bool verbose)
    {
        var (function, found) = (group.First, group.First.Found);
        var line = new StringBuilder($"[cyan]{function.Bdf}[/] ");
        if (group.Count > 1)
            line.Append($"… [cyan]{group.Last.Bdf}[/] {Times(group.Count)} ");
        line.Append($"{ClassNames.Of(found.Identity.ClassCode)} {found.Identity.VendorId:x4}:{found.Identity.DeviceId:x4}");
        if (found.Bridge is { } bridge)
            line.Append($"  [yellow]{Buses(bridge)}[/]");
        line.Append($"  {Link(function)}  [dim]{function.Path}");
        if (group.Count > 1)
            line.Append($" … {group.Last.Path[(group.Last.Path.LastIndexOf('/') + 1)..]}");
        line.Append("[/]");
        if (verbose)
            line.Append(Detail(Details(function)));
        return line.ToString();
    }

    private static IEnumerable<string> Details(PlacedFunction function)
    {
        var found = function.Found;
        foreach (var bar in found.Bars)
            yield return $"BAR{bar.Index}: {Kind(bar)} {Range(bar.Range)}";
        if (!found.ExpansionRom.IsEmpty)
            yield return $"expansion ROM: {Range(found.ExpansionRom)}";
        foreach (var bar in found.VirtualFunctionBars)
            yield return $"VF BAR{bar.Index}: {Kind(bar)} {Range(bar.Range)} for {TreeSummary.Count(found.TotalVfs, "VF")}";
        if (found.Bridge is { } bridge)
        {
            foreach (var window in Windows(bridge.Memory, bridge.PrefetchableMemory, bridge.Io))
                yield return window;
        }
        if (found.PciExpress is { } express)
            yield return $"{express.PortType}, MPS {express.MaxPayload} of {express.MaxPayloadSupported} B, MRRS {express.MaxReadRequest} B, {express.TagBits}-bit tags";
        yield return string.Join(", ", function.Space.Layout.Capabilities.Select(capability => capability.Name));
    }

    private static IEnumerable<string> Windows(AddressRange memory, AddressRange prefetchable, AddressRange io)
    {
        if (!memory.IsEmpty) yield return $"memory window: {Range(memory)}";
        if (!prefetchable.IsEmpty) yield return $"prefetchable window: {Range(prefetchable)}";
        if (!io.IsEmpty) yield return $"I/O window: {Range(io)}";
    }

    private static string Kind(EnumeratedBar bar) => bar.Kind switch
    {
        BarKind.Io => "I/O",
        BarKind.Memory32 => "32-bit memory",
        _ => "64-bit memory",
    } + (bar.Prefetchable ? ", prefetchable," : "");

    private static string Range(AddressRange range) => $"0x{range.Base:x}-0x{range.Last:x} ({new Quantity(range.Size, Dimension.Size)})";

    private static string Buses(EnumeratedBridge bridge) => Markup.Escape(bridge.SecondaryBus == bridge.SubordinateBus
        ? $"[{bridge.SecondaryBus:x2}]"
        : $"[{bridge.SecondaryBus:x2}-{bridge.SubordinateBus:x2}]");

    /// <summary>The link of the function's own port: of root and downstream ports the one below, else the one above.</summary>
    private static string Link(PlacedFunction function)
    {
        if (function.Found.PciExpress is not { } express) return "";
        // A virtual function shows no link: it has that of its physical function.
        if (express.LinkWidth == 0) return "[dim]virtual[/]";
        if (express.PortType.IsDownstream() && function.Children.Count == 0) return "[dim]empty slot[/]";
        var link = $"[green]gen{express.LinkSpeed} x{express.LinkWidth}[/]";
        return (express.LinkSpeed, express.LinkWidth) == (express.MaxLinkSpeed, express.MaxLinkWidth) ? link : $"{link} of gen{express.MaxLinkSpeed} x{express.MaxLinkWidth}";
    }

    private static string Times(int count) => $"[bold magenta]×{count}[/]";

    private static string Detail(IEnumerable<string> details) => string.Concat(details.Select(detail => $"\n  [dim]{Markup.Escape(detail)}[/]"));
}
