using PcieFabric.ConfigSpaces.Capabilities;
using PcieFabric.RootComplexes.PeerToPeer;

namespace PcieFabric.Actors.Tests.PeerToPeer;

/// <summary>A provider, a client and the ACS between them, with what Linux makes of it.</summary>
/// <param name="Host">The processor and the host bridges, or empty for AMD's Zen 3.</param>
/// <param name="Acs">Which port or function has which controls; the others have none.</param>
/// <param name="SeesRoot">The client's read, or its answer, really passes the root complex; null if it is refused.</param>
internal sealed record Placement(string What, string Provider, string Client, string Host, (string Path, AcsControls Controls)[] Acs, int Hops, PeerMapType MapType, bool? SeesRoot)
{
    private const AcsControls RR = AcsControls.PeerRequestRedirect, CR = AcsControls.PeerCompletionRedirect, UF = AcsControls.UpstreamForwarding, EC = AcsControls.PeerEgressControl;
    private const string Old = "intel 2f00", New = "intel 09a2", Unknown = "intel 1234";
    private const string Spine = "host0/west/rp0/spine", Leaf0 = $"{Spine}/dp0/leaf", Leaf1 = $"{Spine}/dp1/leaf";
    private const string A = $"{Leaf0}/dp0/card/fn0", B = $"{Leaf0}/dp1/card/fn0", Duo0 = $"{Leaf0}/dp2/duo/fn0", Duo1 = $"{Leaf0}/dp2/duo/fn1";
    private const string Far = $"{Leaf1}/dp0/card/fn0", High = $"{Spine}/dp2/card/fn0";
    private const string Alone = "host0/west/rp1/card/fn0", Pair0 = "host0/west/rp2/duo/fn0", Pair1 = "host0/west/rp2/duo/fn1", East = "host0/east/rp0/card/fn0";
    private const string DpA = $"{Leaf0}/dp0", DpB = $"{Leaf0}/dp1", SpineDp0 = $"{Spine}/dp0", Rp0 = "host0/west/rp0", Rp1 = "host0/west/rp1", Rp2 = "host0/west/rp2";

    /// <summary>Two root complexes; below the first a switch with two switches and a card, a card, and a card of two functions; below the second a card.</summary>
    public const string Topology = $$"""
        switches:
          leaf: { acs: {{PeerFabric.AllAcs}}, ports: [{ attach: card, count: 2 }, { attach: duo }] }
          spine: { acs: {{PeerFabric.AllAcs}}, ports: [{ attach: leaf, count: 2 }, { attach: card }] }
        hosts:
          host0:
            memory: 16 MiB
            HOST
            root-complexes:
              west: { acs: {{PeerFabric.AllAcs}}, BRIDGE ports: [{ attach: spine }, { attach: card }, { attach: duo }] }
              east: { acs: {{PeerFabric.AllAcs}}, BRIDGE ports: [{ attach: card }] }
        """;

    public static readonly Placement[] All =
    [
        new("a function and itself", A, A, "", [], 0, PeerMapType.BusAddress, null),
        new("two functions of one device", Duo0, Duo1, "", [], 2, PeerMapType.BusAddress, false),
        new("two devices below one switch", A, B, "", [], 4, PeerMapType.BusAddress, false),
        new("a function of several and another device", Duo1, B, "", [], 4, PeerMapType.BusAddress, false),
        new("a device one switch further down", High, A, "", [], 6, PeerMapType.BusAddress, false),
        new("two devices below two switches of one", A, Far, "", [], 8, PeerMapType.BusAddress, false),
        new("two devices below one switch, host unknown", A, B, Unknown, [], 4, PeerMapType.BusAddress, false),
        new("devices below two root ports", Alone, Pair0, "", [], 4, PeerMapType.ThroughHostBridge, true),
        new("devices below two root ports, one far down", Alone, A, "", [], 8, PeerMapType.ThroughHostBridge, true),
        new("devices below two root ports, host unknown", Alone, A, Unknown, [], 8, PeerMapType.NotSupported, true),
        new("devices below two root ports of a Xeon E5 v3", Alone, A, Old, [], 8, PeerMapType.ThroughHostBridge, true),
        new("devices below two root complexes", East, Alone, "", [], 4, PeerMapType.ThroughHostBridge, true),
        new("devices below two root complexes of Xeon E5 v3s", East, Alone, Old, [], 4, PeerMapType.NotSupported, true),
        new("devices below two root complexes of newer Xeons", East, A, New, [], 8, PeerMapType.ThroughHostBridge, true),
        new("one switch, RR at the client's port", A, B, "", [(DpB, RR), (SpineDp0, UF), (Rp0, UF)], 4, PeerMapType.ThroughHostBridge, true),
        new("one switch, RR at the client's port, host unknown", A, B, Unknown, [(DpB, RR), (SpineDp0, UF), (Rp0, UF)], 4, PeerMapType.NotSupported, true),
        new("one switch, CR at the provider's port", A, B, "", [(DpA, CR), (SpineDp0, UF), (Rp0, UF)], 4, PeerMapType.ThroughHostBridge, true),
        new("one switch, CR at the client's port", A, B, "", [(DpB, CR)], 4, PeerMapType.ThroughHostBridge, false),
        new("one switch, EC with an empty vector", A, B, "", [(DpB, EC)], 4, PeerMapType.ThroughHostBridge, false),
        new("one switch, SV, TB and UF only", A, B, "", [(DpB, AcsControls.SourceValidation | AcsControls.TranslationBlocking | UF)], 4, PeerMapType.BusAddress, false),
        new("two switches of one, RR at the upper port", A, Far, "", [($"{Spine}/dp1", RR), (Rp0, UF)], 8, PeerMapType.ThroughHostBridge, true),
        new("two switches of one, RR above the common bridge", A, Far, "", [(Rp0, RR)], 8, PeerMapType.BusAddress, false),
        new("two functions of one device, RR at the client", Duo0, Duo1, "", [(Duo1, RR), ($"{Leaf0}/dp2", UF), (SpineDp0, UF), (Rp0, UF)], 2, PeerMapType.ThroughHostBridge, true),
        new("two functions below a root port with RR", Pair0, Pair1, "", [(Rp2, RR)], 2, PeerMapType.ThroughHostBridge, false),
        new("devices below two root ports, RR at both", Alone, A, "", [(Rp0, RR), (Rp1, RR)], 8, PeerMapType.ThroughHostBridge, true),
    ];

    public string ProcessorKeys => Host.Length == 0 ? "" : "cpu: { vendor: intel, family: 6 }";

    public string BridgeKeys => Host.Length == 0 ? "" : $"host-bridge: {{ vendor: 0x8086, device: 0x{Host[6..]} }},";

    public override string ToString() => What;
}
