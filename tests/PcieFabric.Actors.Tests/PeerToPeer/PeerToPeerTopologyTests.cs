using PcieFabric.Actors.Tests.Documents;
using PcieFabric.RootComplexes;
using PcieFabric.Topologies;
using PcieFabric.Topologies.Reading;

namespace PcieFabric.Actors.Tests.PeerToPeer;

/// <summary>What a topology file says of peers.</summary>
public sealed class PeerToPeerTopologyTests
{
    private const string Parts = "name: t\nfunctions:\n  f: { vendor: 0x1d0f, device: 1 }\nendpoints:\n  card: { functions: [f] }\n";

    public static TheoryData<string, string, string> Wrong => new()
    {
        { "peer-to-peer: »some", "'peer-to-peer' must be none, writes-only, same-bridge or full", "" },
        { "peer-to-peer: { policy: »ful }", "'policy' must be none", "did you mean 'full'?" },
        { "peer-to-peer: { »alow: [] }", "unknown key 'alow' in the peer-to-peer rules", "did you mean 'allow'?" },
        { "peer-to-peer: { allow: [»[host0/rp0/card/fn0]] }", "must be a list of 2 to 2 items", "" },
        { "peer-to-peer: { allow: [[host0/rp0/card/fn0, »host0/rp1/card/fn1]] }", "there is no function 'host0/rp1/card/fn1'", "did you mean 'host0/rp" },
        { "cpu: { vendor: »amdd, family: 0x17 }", "'vendor' must be amd, intel or other", "did you mean 'amd'?" },
        { "cpu: »{ vendor: amd }", "a cpu needs 'family'", "" },
        { "host-bridge: { vendor: 0x8086, device: »0x12345 }", "'device' must be", "" },
        { "acs: [»redirect]", "must be source-validation", "" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void WhatIsWrongIsLocated(string keys, string message, string hint) =>
        WrongInput.MustBeRefused($"{Parts}hosts:\n  host0: {{ {keys}, ports: [{{ attach: card, count: 2 }}] }}\n", message, hint, text => TopologyReader.Read(text));

    [Fact]
    public void PolicyListAndIdentityAreRead()
    {
        var host = PeerFabric.Read(PeerFabric.OneSwitch,
            "cpu: { vendor: intel, family: 6 }, host-bridge: { vendor: 0x8086, device: 0x2f00 }, peer-to-peer: { policy: same-bridge, allow: [[host0/rp1/card/fn0, 'host0/rp0/**']] },").Hosts[0];

        Assert.Equal(new Processor(ProcessorVendor.Intel, 6), host.Processor);
        var root = host.RootComplexes[0];
        Assert.Equal(new HostBridge(0x8086, 0x2F00), root.HostBridge);
        Assert.Equal(PeerToPeerPolicy.SameBridge, root.PeerToPeer);
        var pair = Assert.Single(root.AllowedPeers!);
        Assert.Equal(("host0/rp1/card/fn0", "host0/rp0/**"), (pair.One.Text, pair.Other.Text));
    }

    [Fact]
    public void ByDefaultEveryPairMayAndTheHostForwards()
    {
        var host = PeerFabric.Read(PeerFabric.OneSwitch).Hosts[0];

        Assert.Equal(HostDefinition.DefaultProcessor, host.Processor);
        Assert.Equal(PeerToPeerPolicy.Full, host.RootComplexes[0].PeerToPeer);
        Assert.Null(host.RootComplexes[0].AllowedPeers);
    }

    [Fact]
    public void ASwitchWithoutAcsHasNoSuchCapabilityAndARootPortHas()
    {
        using var fabric = new PeerFabric("switches:\n  leaf: { acs: [], ports: [{ attach: card }] }\nhosts:\n  host0: { memory: 16 MiB, ports: [{ attach: leaf }] }\n");
        fabric.Run(peers =>
        {
            Assert.Null(peers["host0/rp0/leaf/dp0"].FindExtendedCapability(PcieFabric.ConfigSpaces.Capabilities.ExtendedCapabilityId.AccessControlServices));
            Assert.NotNull(peers["host0/rp0"].FindExtendedCapability(PcieFabric.ConfigSpaces.Capabilities.ExtendedCapabilityId.AccessControlServices));
            return Task.CompletedTask;
        });
    }
}
