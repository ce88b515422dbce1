using PcieFabric.Topologies;

namespace PcieFabric.Actors.Tests.Fabrics;

/// <summary>Pieces of topologies.</summary>
internal static class Parts
{
    public const string ProbeModel = "probe";

    /// <summary>The least that an MPS of 128 allows: one header of each class, and the data of one TLP.</summary>
    public static readonly CreditsDefinition LeastCredits = new(new(1, 8), new(1, 8), new(1, 8));

    /// <summary>BAR 0: registers of the model; BAR 2: memory; BAR 4: memory with the MSI-X table.</summary>
    public static FunctionDefinition Function(string name = "f", string model = ProbeModel, int interruptPin = 0, bool io = false) => new()
    {
        Name = name,
        Model = model,
        VendorId = 0x1D0F,
        DeviceId = 0x0001,
        InterruptPin = interruptPin,
        Bars =
        [
            new BarDefinition { Index = 0, SizeBytes = 4096, Type = BarType.Memory32 },
            .. io ? new BarDefinition[] { new() { Index = 1, SizeBytes = 256, Type = BarType.Io } } : [],
            new BarDefinition { Index = 2, SizeBytes = 65536, Type = BarType.Memory64, Prefetchable = true },
            new BarDefinition { Index = 4, SizeBytes = 4096, Type = BarType.Memory32 },
        ],
        Capabilities = new CapabilitiesDefinition
        {
            PowerManagement = new PowerManagementDefinition(D1: false, D2: false, NoSoftReset: true),
            Msi = new MsiDefinition(8, Masking: true),
            Msix = new MsixDefinition(16, 4, 0x100, 0x800),
            Aer = new AerDefinition(Ecrc: false),
        },
    };

    public static EndpointDefinition Endpoint(string name, params FunctionDefinition[] functions) =>
        new() { Name = name, Functions = functions.Length == 0 ? [Function($"{name}-f")] : functions };

    public static SwitchDefinition Switch(string name, params PortDefinition[] ports) => new() { Name = name, Ports = ports };

    public static SwitchDefinition Switch(string name, params PartDefinition[] below) => Switch(name, [.. below.Select(p => Port(p))]);

    public static PortDefinition Port(PartDefinition? attached, LinkDefinition? link = null) =>
        new() { Attached = attached, Link = link ?? LinkDefinition.Default };

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
