using PcieFabric.ConfigSpaces.Capabilities;
using PcieFabric.Documents.Shapes;
using PcieFabric.Input;
using PcieFabric.Units;

namespace PcieFabric.Topologies.Reading;

/// <summary>Functions of one kind in an endpoint, before names are resolved.</summary>
internal sealed record FunctionUse(Located<string> Kind, int Count, VirtualUse? Virtual = null);

/// <summary>Virtual functions of one kind whose software a controller runs, before names are resolved.</summary>
internal sealed record VirtualUse(Located<string> Kind, int Count, SourceLocation Source);

/// <summary>An endpoint, before names are resolved: all but the functions.</summary>
internal sealed record EndpointDraft(EndpointDefinition Settings, IReadOnlyList<FunctionUse> Functions, SourceLocation FunctionsSource, Located<string>? Controller);

/// <summary>One or more ports, before names are resolved.</summary>
internal sealed record PortDraft(Located<string> Attach, Located<int> Count, LinkOverrides Link, SourceLocation Source);

/// <summary>A switch, before names are resolved: all but the ports.</summary>
internal sealed record SwitchDraft(SwitchDefinition Settings, IReadOnlyList<PortDraft> Ports);

/// <summary>The keys of endpoints, ports and switches.</summary>
internal static class PartSchema
{
    /// <summary>What <c>attach</c> says of an empty slot; no part may have this name.</summary>
    public const string NoPart = "none";

    private static readonly Key<Located<string>> Kind = Key.Required("kind", Values.Reference, "A name under 'functions'.");
    private static readonly Key<int> FunctionCount = Key.Optional("count", Values.Whole(1, Limits.MaxAriFunctions), "1", "How many of them.");

    private static readonly Key<int> VirtualCount = Key.Optional("count", Values.Whole(1, 255), "1", "How many of them each function has.");
    private static readonly Key<VirtualUse?> Virtual = Key.Absent("virtual-functions",
        new RecordShape<VirtualUse>("a use of virtual functions", "Virtual functions of one kind, each with software of its own.", [Kind, VirtualCount],
            fields => new(fields.Get(Kind), fields.Get(VirtualCount), fields.Location)).As(value => (VirtualUse?)value), null,
        "Of a function of a controller: its virtual functions, VF 1 on. Other functions have theirs by the capability 'sr-iov'.");

    private static readonly Shape<FunctionUse> Function = new EitherShape<FunctionUse>(
        Values.Reference.As(kind => new FunctionUse(kind, 1)),
        new RecordShape<FunctionUse>("a use of a function", "Functions of one kind, with successive numbers.", [Kind, FunctionCount, Virtual],
            fields => new(fields.Get(Kind), fields.Get(FunctionCount), fields.Get(Virtual))));

    private static readonly Key<IReadOnlyList<FunctionUse>> Functions = Key.Required("functions", new ListShape<FunctionUse>(Function, Limits.MaxAriFunctions, least: 1),
        "Function 0, 1, ...: names under 'functions', or { kind: NAME, count: N }.");

    private static readonly Key<bool> Ari = Key.Optional("ari", Values.Flag, "false", "Alternative Routing-ID Interpretation: up to 256 functions instead of 8.");

    private static readonly Key<Located<string>?> Controller = Key.Maybe("controller", Values.Reference,
        "The endpoint controller that the functions are bound to, software that composes them and all: a name under 'controllers', or one that comes with the project. Without it the functions are what this file says.");

    private static readonly Key<SimTime> ReadLatency = Key.Optional("read-latency", Values.Latency, "100 ns", "From a read's arrival at a BAR to its completion.");

    public static readonly Shape<EndpointDraft> Endpoint = new RecordShape<EndpointDraft>("an endpoint", "One upstream port and its functions.", [Functions, Ari, ReadLatency, Controller],
        fields => new(
            // The table of endpoints gives the name, and the resolver the functions.
            new EndpointDefinition { Name = "", Functions = [], Ari = fields.Get(Ari), ReadLatency = fields.Get(ReadLatency) },
            fields.Get(Functions), fields.At(Functions), fields.Get(Controller)));

    private static readonly Key<Located<string>> Attach = Key.Required("attach", Values.Reference,
        $"What the link leads to: a name under 'endpoints' or 'switches', or '{NoPart}' for an empty slot.");

    private static readonly Key<Located<int>> Count = Key.Optional("count", new LocatedShape<int>(Values.Whole(1, Limits.MaxPorts)), "1",
        "How many such ports, each with a part of its own.");

    public static readonly Key<LinkOverrides> Link = Key.Absent("link", LinkSchema.Shape, LinkOverrides.Nothing, "The link below the port, where it differs from 'defaults: link:'.");

    private static readonly Shape<PortDraft> Port = new RecordShape<PortDraft>("a port", "One or more ports, numbered on from those before.", [Attach, Count, Link],
        fields => new(fields.Get(Attach), fields.Has(Count) ? fields.Get(Count) : new(1, fields.Location), fields.Get(Link), fields.Location));

    public static readonly Key<IReadOnlyList<PortDraft>> Ports = Key.Required("ports", new ListShape<PortDraft>(Port, Limits.MaxPorts, least: 1),
        "Ports, in the order of their numbers.");

    private static readonly Key<ushort> Vendor = Key.Optional("vendor", Values.VendorId, "0x10b5", "Vendor id of all its ports.");
    private static readonly Key<ushort> Device = Key.Optional("device", Values.Id, "0x8747", "Device id of all its ports.");

    private static readonly Key<Forwarding> ForwardingKey = Key.Optional("forwarding",
        new ChoiceShape<Forwarding>(
            new("cut-through", Forwarding.CutThrough, "a TLP goes on as soon as its header has told the way"),
            new("store-and-forward", Forwarding.StoreAndForward, "a TLP goes on when all of it has come")),
        "cut-through", "When a TLP may go on.");

    private static readonly Key<SimTime> Latency = Key.Optional("latency", Values.Latency, "105 ns", "From the first bit in to the first bit out of a TLP that need not wait.");
    private static readonly Key<AcsControls> Acs = Key.Absent("acs", Values.Acs, AcsControls.Isolation,
        "Access Control Services that every downstream port offers and software can enable; all but egress-control and direct-translated if left out.");

    public static readonly Shape<SwitchDraft> Switch = new RecordShape<SwitchDraft>("a switch", "One upstream port, an internal bus, downstream ports.",
        [Vendor, Device, ForwardingKey, Latency, Acs, Ports],
        fields => new(
            new SwitchDefinition
            {
                // The table of switches gives the name, and the resolver the ports.
                Name = "",
                VendorId = fields.Get(Vendor),
                DeviceId = fields.Get(Device),
                Forwarding = fields.Get(ForwardingKey),
                Latency = fields.Get(Latency),
                Acs = fields.Get(Acs),
                Ports = [],
            },
            fields.Get(Ports)));
}
