using PcieFabric.Documents.Shapes;
using PcieFabric.EndpointControllers.Profiles;
using PcieFabric.Input;

namespace PcieFabric.Topologies.Reading;

/// <summary>The keys of a topology file.</summary>
public static class TopologySchema
{
    /// <summary>Entries of one table of parts: as many as fit on the buses of a segment would be more than anyone writes by hand.</summary>
    private const int MostParts = 1024;

    private static readonly Key<LinkOverrides> Link = Key.Absent("link", LinkSchema.Shape, LinkOverrides.Nothing, "Every link, where its port does not say otherwise.");
    private static readonly Shape<LinkOverrides> DefaultsShape = new RecordShape<LinkOverrides>("defaults", "What parts leave out.", [Link], fields => fields.Get(Link));

    private static readonly Key<int> PartitionCount = Key.Required("count", Values.Whole(1, Limits.MaxPartitions), "How many partitions.");

    private static readonly Key<IReadOnlyList<Named<int>>> Pins = Key.Absent<IReadOnlyList<Named<int>>>("pins",
        new TableShape<int>(Values.Whole(0, Limits.MaxPartitions - 1), Limits.MaxPartitions, paths: true), [],
        "From path patterns ('host0/rp1/**') to the partition that matching actors belong into; the first that matches decides.");

    private static readonly Shape<PartitionHint> PartitionsShape = new EitherShape<PartitionHint>(
        Values.Whole(1, Limits.MaxPartitions).As(count => new PartitionHint(count, [])),
        new RecordShape<PartitionHint>("partitions", "How to spread the actors. Results never depend on it.", [PartitionCount, Pins], MakePartitions));

    private static readonly Key<string> Name = Key.Required("name", new NameShape(), "What results call the topology.");
    private static readonly Key<string> Description = Key.Absent("description", Values.Text, "", "For people.");
    private static readonly Key<LinkOverrides> Defaults = Key.Absent("defaults", DefaultsShape, LinkOverrides.Nothing, "What parts leave out.");
    private static readonly Key<PartitionHint> Partitions = Key.Absent("partitions", PartitionsShape, PartitionHint.None, "A hint how many partitions to run in, or how to spread the actors.");

    private static readonly Key<IReadOnlyList<Named<FunctionDefinition>>> Functions = Table("functions", FunctionSchema.Shape, "Kinds of functions, by name.");
    private static readonly Key<IReadOnlyList<Named<EndpointDraft>>> Endpoints = Table("endpoints", PartSchema.Endpoint, "Kinds of endpoints, by name.");
    private static readonly Key<IReadOnlyList<Named<SwitchDraft>>> Switches = Table("switches", PartSchema.Switch, "Kinds of switches, by name.");

    private static readonly Key<IReadOnlyList<Named<ControllerProfile>>> Controllers = Table("controllers", ControllerProfileSchema.Entry, "Endpoint controllers besides those that come with the project, by name.");

    private static readonly Key<IReadOnlyList<Named<HostDraft>>> Hosts = Key.Required("hosts", new TableShape<HostDraft>(HostSchema.Host, Limits.MaxHosts, least: 1), "Hosts, by name.");

    internal static readonly Shape<TopologyDraft> Shape = new RecordShape<TopologyDraft>("a topology",
        "A fabric: parts by name, attached to each other by reference.",
        [Name, Description, Defaults, Functions, Endpoints, Switches, Controllers, Hosts, Partitions],
        fields => new TopologyDraft(
            fields.Get(Name), fields.Get(Description), fields.Get(Defaults), fields.Get(Functions), fields.Get(Endpoints),
            fields.Get(Switches), fields.Get(Controllers), fields.Get(Hosts), fields.Get(Partitions), fields.Location));

    /// <summary>The JSON schema of topology files, as editors read it.</summary>
    public static string ToJson() => SchemaDefinitions.Document("PcieFabric topology", Shape);

    /// <summary>The reference page of topology files, in Markdown.</summary>
    public static string ToMarkdown() => SchemaDefinitions.Page("Keys of a topology file",
        "Made from the declarations that the reader works with. Values with a dimension need a unit, as in `50 ns` or `4 KiB`; numbers may be hexadecimal.\n"
        + "A part has a path for every use, such as `host0/rp0/leaf/dp3/quad/fn1`: host, root complex (if the host has several), root port, switch,\n"
        + "downstream port, endpoint, function. YAML anchors and aliases work; a key twice, a tag or a second document is an error.", Shape);

    private static Key<IReadOnlyList<Named<T>>> Table<T>(string name, Shape<T> shape, string documentation) =>
        Key.Absent<IReadOnlyList<Named<T>>>(name, new TableShape<T>(shape, MostParts), [], documentation);

    private static PartitionHint MakePartitions(Fields fields)
    {
        var count = fields.Get(PartitionCount);
        var pins = fields.Get(Pins);
        foreach (var pin in pins)
        {
            if (pin.Value >= count)
                throw new InputException($"there is no partition {pin.Value}", $"partitions are 0 to {count - 1}", pin.At);
        }
        return new PartitionHint(count, [.. pins.Select(pin => new PartitionPin(new PathPattern(pin.Name, pin.At), pin.Value))]);
    }
}
