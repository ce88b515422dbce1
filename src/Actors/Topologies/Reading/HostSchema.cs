using PcieFabric.Addressing;
using PcieFabric.Documents.Shapes;
using PcieFabric.Input;
using PcieFabric.Iommus;
using PcieFabric.RootComplexes;

namespace PcieFabric.Topologies.Reading;

/// <summary>A root complex, before names are resolved and defaults are dealt out.</summary>
internal sealed record RootComplexDraft(
    Located<int>? Segment, Located<AddressRange>? MemoryWindow, Located<AddressRange>? PrefetchableWindow, Located<AddressRange>? IoWindow,
    PeerToPeerDefinition PeerToPeer, AcsControls Acs, HostBridge HostBridge, IReadOnlyList<PortDraft> Ports);

/// <summary>One or more hosts, before names are resolved.</summary>
internal sealed record HostDraft(HostDefinition Settings, Located<int>? Count, IReadOnlyList<Named<RootComplexDraft>> RootComplexes);

/// <summary>The keys of hosts and root complexes.</summary>
internal static class HostSchema
{
    private static readonly Shape<ulong> Address = new WholeNumberShape(0, 1UL << 52, hexadecimal: true);
    private static readonly Key<ulong> Base = Key.Required("base", Address, "First address.");
    private static readonly Key<ulong> Size = Key.Required("size", Values.Size(4096, 1UL << 52), "Size.");
    private static readonly Shape<AddressRange> Window = new RecordShape<AddressRange>("a window", "A range of addresses.", [Base, Size], fields => new(fields.Get(Base), fields.Get(Size)));

    private static readonly Key<Located<int>?> Segment = Key.Maybe("segment", new LocatedShape<int>(Values.Whole(0, 0xFFFF)),
        "Segment (PCI domain) number, unique within the host; its place among the host's root complexes if left out.");

    private static readonly Key<Located<AddressRange>?> MemoryWindow = Key.Maybe("memory-window", new LocatedShape<AddressRange>(Window),
        "What root ports may decode below 4 GiB. If left out, the host's root complexes share 1 GiB from 0x80000000.");

    private static readonly Key<Located<AddressRange>?> PrefetchableWindow = Key.Maybe("prefetchable-window", new LocatedShape<AddressRange>(Window),
        "What root ports may decode as 64-bit prefetchable memory. If left out, 256 GiB for each root complex, from 1 TiB.");

    private static readonly Key<Located<AddressRange>?> IoWindow = Key.Maybe("io-window", new LocatedShape<AddressRange>(Window),
        "What root ports may decode as I/O space. If left out, the host's root complexes share 64 KiB, without the first 4 KiB.");

    private static readonly Key<PeerToPeerDefinition> PeerToPeer = Key.Absent("peer-to-peer", PeerToPeerSchema.Shape, PeerToPeerDefinition.Full,
        "What the root complex forwards from one root port to another, and which functions may reach each other at all; 'full' if left out.");

    private static readonly Key<AcsControls> Acs = Key.Absent("acs", Values.Acs, AcsControls.Isolation,
        "Access Control Services that every root port offers; all but egress-control and direct-translated if left out.");

    private static readonly Key<ushort> BridgeVendor = Key.Required("vendor", Values.VendorId, "Vendor id.");
    private static readonly Key<ushort> BridgeDevice = Key.Required("device", Values.Id, "Device id.");
    private static readonly Key<HostBridge> HostBridge = Key.Absent("host-bridge",
        new RecordShape<HostBridge>("a host bridge", "The device at 00.0 of the root bus.", [BridgeVendor, BridgeDevice], fields => new(fields.Get(BridgeVendor), fields.Get(BridgeDevice))),
        RootComplexDefinition.DefaultHostBridge, "By which software knows the root complex; 1022:1480 if left out.");

    private static readonly Key<ProcessorVendor> CpuVendor = Key.Required("vendor",
        new ChoiceShape<ProcessorVendor>(new("amd", ProcessorVendor.Amd), new("intel", ProcessorVendor.Intel), new("other", ProcessorVendor.Other)), "Who made it.");
    private static readonly Key<int> CpuFamily = Key.Required("family", new WholeNumberShape(0, 0xFFF, hexadecimal: true).As(value => (int)value), "With the extended family added: 0x17 is Zen.");
    private static readonly Key<Processor> Cpu = Key.Absent("cpu",
        new RecordShape<Processor>("a cpu", "What software can ask of the processor.", [CpuVendor, CpuFamily], fields => new(fields.Get(CpuVendor), fields.Get(CpuFamily))),
        HostDefinition.DefaultProcessor, "The processor as its software knows it; amd, family 0x19 if left out.");

    private static readonly Shape<RootComplexDraft> RootComplex = new RecordShape<RootComplexDraft>("a root complex", "The root of one segment.",
        [Segment, MemoryWindow, PrefetchableWindow, IoWindow, PeerToPeer, Acs, HostBridge, PartSchema.Ports], fields => MakeRootComplex(fields, fields.Get(PartSchema.Ports)));

    private static readonly Key<ulong> Memory = Key.Optional("memory", Values.Size(1 << 20, 1UL << 44), "1 GiB", "Host memory, from address zero; it leaves out 2 GiB to 4 GiB.");
    private static readonly Key<SimTime> MemoryLatency = Key.Optional("memory-latency", Values.Latency, "200 ns", "From a request's arrival to its first data.");

    private static readonly Key<SimTime> PortLatency = Key.Optional("port-latency", Values.Latency, "20 ns", "Between a root complex and its root ports, one way.");

    private static readonly Key<IommuSettings?> Iommu = Key.Absent<IommuSettings?>("iommu", IommuSchema.Shape.As(iommu => (IommuSettings?)iommu), null,
        "An IOMMU between the root ports and memory; none if left out. 'iommu: {}' is one with all defaults.");

    private static readonly Key<Located<int>?> Count = Key.Maybe("count", new LocatedShape<int>(Values.Whole(1, Limits.MaxHosts)),
        "How many such hosts; if given, their names have their number at the end: host0, host1, ...");

    private static readonly Key<IReadOnlyList<PortDraft>?> Ports = Key.Absent<IReadOnlyList<PortDraft>?>("ports", PartSchema.Ports.Shape.As(ports => (IReadOnlyList<PortDraft>?)ports), null,
        "Root ports, in the order of their numbers, of a host with one root complex.");

    private static readonly Key<IReadOnlyList<Named<RootComplexDraft>>?> RootComplexes = Key.Absent<IReadOnlyList<Named<RootComplexDraft>>?>("root-complexes",
        new TableShape<RootComplexDraft>(RootComplex, Limits.MaxRootComplexes, least: 1).As(table => (IReadOnlyList<Named<RootComplexDraft>>?)table), null,
        "Root complexes by name, for a host with several: each is a segment of its own. Instead of 'ports'.");

    public static readonly Shape<HostDraft> Host = new RecordShape<HostDraft>("a host", "A machine: memory and root ports.",
        [Memory, MemoryLatency, PortLatency, Iommu, Cpu, Count, Segment, MemoryWindow, PrefetchableWindow, IoWindow, PeerToPeer, Acs, HostBridge, Ports, RootComplexes], Make);

    private static HostDraft Make(Fields fields)
    {
        // The table of hosts gives the name, and the resolver the root complexes.
        var settings = new HostDefinition
        {
            Name = "",
            MemoryBytes = fields.Get(Memory),
            MemoryLatency = fields.Get(MemoryLatency),
            Processor = fields.Get(Cpu),
            PortLatency = fields.Get(PortLatency),
            Iommu = fields.Get(Iommu),
            RootComplexes = [],
        };
        var count = fields.Get(Count);
        var ports = fields.Get(Ports);
        var only = MakeRootComplex(fields, ports ?? []);
        if (fields.Get(RootComplexes) is not { } several)
        {
            return ports is not null
                ? new HostDraft(settings, count, [new("", fields.Location, only)])
                : throw new InputException("a host needs 'ports'", "or 'root-complexes', if it has several", fields.Location);
        }
        foreach (var key in new Key[] { Ports, Segment, MemoryWindow, PrefetchableWindow, IoWindow, PeerToPeer, Acs, HostBridge })
        {
            if (fields.Has(key))
                throw new InputException($"'{key.Name}' and 'root-complexes' exclude each other", $"move '{key.Name}' into a root complex", fields.At(key));
        }
        return new HostDraft(settings, count, several);
    }

    private static RootComplexDraft MakeRootComplex(Fields fields, IReadOnlyList<PortDraft> ports) => new(
        fields.Get(Segment), fields.Get(MemoryWindow), fields.Get(PrefetchableWindow), fields.Get(IoWindow), fields.Get(PeerToPeer), fields.Get(Acs), fields.Get(HostBridge), ports);
}
