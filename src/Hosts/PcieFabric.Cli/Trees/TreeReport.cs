using System.Text.Json.Serialization;
using PcieFabric.Addressing;
using PcieFabric.ConfigSpaces;
using PcieFabric.RootComplexes.Enumeration;
using PcieFabric.Topologies.Enumerated;

namespace PcieFabric.Cli.Trees;

/// <summary>What <c>tree --json</c> prints. Functions are a list, each before what is below it, so that a program need not descend.</summary>
internal sealed record TreeReport(string Topology, IReadOnlyList<TreeReport.Host> Hosts, TreeReport.Enumeration Enumerated)
{
    public static TreeReport Of(string topology, EnumeratedFabric fabric, TreeSummary summary) => new(
        topology,
        [.. fabric.Hosts.Select(host => new Host(host.Name, [.. host.Segments.Select(segment => Of(segment, FabricDump.DomainOf(fabric, host, segment)))]))],
        new Enumeration(summary.EndpointFunctions, summary.Bridges, summary.Buses, summary.VirtualTime.Picoseconds, summary.Messages, summary.WallTime.TotalSeconds));

    private static Segment Of(EnumeratedSegment segment, int domain)
    {
        var functions = new List<Function>();
        foreach (var port in segment.RootBus)
            Add(port, null);
        var settings = segment.Settings;
        return new Segment(settings.Name, settings.Segment, domain, segment.Found.FirstBus, segment.Found.LastBus,
            Window.Of(settings.Memory), Window.Of(settings.Prefetchable), Window.Of(settings.Io), functions);

        void Add(PlacedFunction function, string? parent)
        {
            var added = Of(function, domain, parent);
            functions.Add(added);
            foreach (var child in function.Children)
                Add(child, added.Address);
        }
    }

    private static Function Of(PlacedFunction function, int domain, string? parent)
    {
        var found = function.Found;
        return new Function(
            $"{domain:x4}:{function.Bdf}", parent, function.Path,
            Id(found.Identity.VendorId), Id(found.Identity.DeviceId), $"0x{found.Identity.ClassCode:x6}", ClassNames.Of(found.Identity.ClassCode),
            found.Bridge is { } bridge ? new Bridge(bridge.SecondaryBus, bridge.SubordinateBus, Window.Of(bridge.Memory), Window.Of(bridge.PrefetchableMemory), Window.Of(bridge.Io)) : null,
            [.. found.Bars.Select(Bar.Of)],
            Window.Of(found.ExpansionRom),
            found.TotalVfs,
            [.. found.VirtualFunctionBars.Select(Bar.Of)],
            found.PciExpress is { } express ? PciExpress.Of(express) : null,
            [.. function.Space.Layout.Capabilities.Select(capability => capability.Name)]);
    }

    private static string Id(ushort id) => $"0x{id:x4}";

    internal sealed record Host(string Name, IReadOnlyList<Segment> Segments);

    /// <param name="Name">Of the root complex; empty where the host has only one.</param>
    /// <param name="Number">The segment's own.</param>
    /// <param name="Domain">As in addresses here and in <c>--dump</c>.</param>
    internal sealed record Segment(
        string Name, [property: JsonPropertyName("segment")] int Number, int Domain, int FirstBus, int LastBus,
        Window? Memory, Window? PrefetchableMemory, Window? Io, IReadOnlyList<Function> Functions);

    /// <param name="Address"><c>domain:bus:device.function</c>, as <c>lspci -D</c> prints it.</param>
    /// <param name="Parent">Address of the bridge above; null for a root port.</param>
    internal sealed record Function(
        string Address, string? Parent, string Path, string Vendor, string Device, string ClassCode, string Class,
        Bridge? Bridge, IReadOnlyList<Bar> Bars, Window? ExpansionRom, int TotalVfs, IReadOnlyList<Bar> VirtualFunctionBars, PciExpress? PciExpress, IReadOnlyList<string> Capabilities);

    internal sealed record Bridge(int SecondaryBus, int SubordinateBus, Window? Memory, Window? PrefetchableMemory, Window? Io);

    /// <param name="SizeBytes">Of VF BARs, for all VFs together.</param>
    internal sealed record Bar(int Index, string Kind, bool Prefetchable, string Base, ulong SizeBytes)
    {
        public static Bar Of(EnumeratedBar bar) => new(bar.Index, bar.Kind switch
        {
            BarKind.Io => "io",
            BarKind.Memory32 => "memory32",
            _ => "memory64",
        }, bar.Prefetchable, $"0x{bar.Range.Base:x}", bar.Range.Size);
    }

    /// <param name="Base">In hexadecimal: JSON numbers are not exact up to 64 bits everywhere.</param>
    internal sealed record Window(string Base, ulong SizeBytes)
    {
        public static Window? Of(AddressRange range) => range.IsEmpty ? null : new Window($"0x{range.Base:x}", range.Size);
    }

    internal sealed record PciExpress(
        string PortType, int LinkGeneration, int LinkWidth, int MaxLinkGeneration, int MaxLinkWidth, int MaxPayloadBytes, int MaxReadRequestBytes, int TagBits)
    {
        public static PciExpress Of(EnumeratedPciExpress express) => new(
            express.PortType.ToString(), express.LinkSpeed, express.LinkWidth, express.MaxLinkSpeed, express.MaxLinkWidth,
            express.MaxPayload, express.MaxReadRequest, express.TagBits);
    }

    /// <param name="Messages">TLPs and all else that actors told each other, hop by hop.</param>
    /// <param name="WallSeconds">The only number here that differs from run to run.</param>
    internal sealed record Enumeration(int EndpointFunctions, int Bridges, int Buses, long VirtualTimePs, long Messages, double WallSeconds);
}

/// <summary>Serialisation made at build time.</summary>
[JsonSerializable(typeof(TreeReport))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class TreeJson : JsonSerializerContext;
