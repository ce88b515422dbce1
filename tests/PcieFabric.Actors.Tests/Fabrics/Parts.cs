using PcieFabric.ConfigSpaces;
using PcieFabric.Links;
using PcieFabric.RootComplexes;
using PcieFabric.Topologies;

namespace PcieFabric.Actors.Tests.Fabrics;

/// <summary>Pieces of topologies.</summary>
internal static class Parts
{
    public const string ProbeModel = "probe";

    /// <summary>The least that an MPS of 128 allows: one header of each class, and the data of one TLP.</summary>
    public static readonly CreditLimits LeastCredits = new(new(1, 8), new(1, 8), new(1, 8));

    /// <summary>BAR 0: registers of the model; BAR 2: memory; BAR 4: memory with the MSI-X table.</summary>
    public static FunctionDefinition Function(string name = "f", string model = ProbeModel, int interruptPin = 0, bool io = false, ulong memoryBytes = 65536) => new()
    {
        Name = name,
        Model = model,
        VendorId = 0x1D0F,
        DeviceId = 0x0001,
        InterruptPin = interruptPin,
        Bars =
        [
            BarDefinition.Memory32(0, 4096),
            .. io ? new[] { BarDefinition.Io(1, 256) } : [],
            BarDefinition.Memory64(2, memoryBytes, prefetchable: true),
            BarDefinition.Memory32(4, 4096),
        ],
        Capabilities = new CapabilitiesDefinition
        {
            Msi = new MsiDefinition(8, Masking: true),
            Msix = new MsixDefinition(16, 4, 0x100, 0x800),
            Aer = true,
        },
    };

    public static EndpointDefinition Endpoint(string name, params FunctionDefinition[] functions) =>
        new() { Name = name, Functions = functions.Length == 0 ? [Function($"{name}-f")] : functions };

    public static SwitchDefinition Switch(string name, params PortDefinition[] ports) => new() { Name = name, Ports = ports };

    public static SwitchDefinition Switch(string name, params PartDefinition[] below) => Switch(name, [.. below.Select(p => Port(p))]);

    public static PortDefinition Port(PartDefinition? attached, LinkSettings? link = null) =>
        new() { Attached = attached, Link = link ?? new LinkSettings() };

    public static TopologyDefinition Host(params PartDefinition?[] below) => Host([.. below.Select(p => Port(p))]);

    public static TopologyDefinition Host(params PortDefinition[] ports) => Host(PeerToPeerPolicy.Full, ports);

    public static TopologyDefinition Host(PeerToPeerPolicy peerToPeer, params PortDefinition[] ports) => new()
    {
        Name = "test",
        Hosts =
        [
            new HostDefinition
            {
                Name = "host0",
                MemoryBytes = 16 << 20,
                RootComplexes = [new RootComplexDefinition { Ports = ports, PeerToPeer = peerToPeer }],
            },
        ],
    };
}
