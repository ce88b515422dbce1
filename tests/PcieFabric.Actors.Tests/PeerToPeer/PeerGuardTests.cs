using PcieFabric.ConfigSpaces.Capabilities;
using PcieFabric.RootComplexes.PeerToPeer;
using PcieFabric.Switches;
using PcieFabric.Tlps;
using static PcieFabric.Actors.Tests.PeerToPeer.PeerFabric;

namespace PcieFabric.Actors.Tests.PeerToPeer;

/// <summary>Allow-lists of function pairs, in switches and in the root complex.</summary>
public sealed class PeerGuardTests
{
    private const string Pairs = $"peer-to-peer: {{ allow: [[{A}, {B}], ['host0/rp0/**/fn1', {Alone}]] }},";

    [Fact]
    public void APairOutsideTheListIsRefusedAndCountedInTheSwitch()
    {
        using var fabric = new PeerFabric(host: Pairs);
        PcieFabric.Addressing.Bdf a = default, c = default;
        fabric.Run(async peers =>
        {
            await PeerGuardSetup.LoadAsync(peers.Host, 0, peers.Hierarchies[0]);
            (a, c) = (peers[A].Bdf, peers[C].Bdf);
            await peers.PokeAsync(A, 0x51);
            Assert.Equal(CompletionStatus.SuccessfulCompletion, await peers.ReadAsync(A, B));
            Assert.Equal(CompletionStatus.SuccessfulCompletion, await peers.ReadAsync(B, A));
            Assert.Equal(CompletionStatus.UnsupportedRequest, await peers.ReadAsync(A, C));
            Assert.Equal(CompletionStatus.UnsupportedRequest, await peers.ReadAsync(C, A));
            await peers.PokeAsync(A, 0x51);
            await peers.WriteAsync(A, C);
            Assert.Equal(0u, await peers.PeekAsync(C, 0x100));
            var guard = await peers.Host.Configuration[0].ReadAsync(peers[Dp0].Bdf, peers[Dp0].FindExtendedCapability(ExtendedCapabilityId.VendorSpecific)!.Value + PeerGuardCapability.RefusedOffset);
            Assert.Equal(2u, guard);
        });

        var refused = ((DownstreamPort)fabric.Fabric.Ports[Dp0]).Guard!.Refused;
        Assert.Equal(2, Assert.Single(refused).Value);
        Assert.Equal(2, refused[(a, c)]);
        Assert.Equal(2, fabric.CountersOf(Dp0).UnsupportedRequests);
        Assert.Equal(0, fabric.Root.PeerGuards[0].TotalRefused);
    }

    [Fact]
    public void TheRootComplexRefusesAndCountsPairsToo()
    {
        using var fabric = new PeerFabric(host: Pairs);
        PcieFabric.Addressing.Bdf duo0 = default, alone = default;
        fabric.Run(async peers =>
        {
            await PeerGuardSetup.LoadAsync(peers.Host, 0, peers.Hierarchies[0]);
            (duo0, alone) = (peers[Duo0].Bdf, peers[Alone].Bdf);
            Assert.Equal(CompletionStatus.SuccessfulCompletion, await peers.ReadAsync(Duo1, Alone));
            Assert.Equal(CompletionStatus.SuccessfulCompletion, await peers.ReadAsync(Alone, Duo1));
            Assert.Equal(CompletionStatus.UnsupportedRequest, await peers.ReadAsync(Duo0, Alone));
            Assert.Equal(CompletionStatus.UnsupportedRequest, await peers.ReadAsync(Alone, Duo0));
            await peers.WriteAsync(Alone, Duo0);
            // Memory is nobody's peer.
            Assert.Equal(CompletionStatus.SuccessfulCompletion, await peers.DmaAsync(Duo0, 0x2000, 0, 64));
        });

        var guard = fabric.Root.PeerGuards[0];
        Assert.Equal(1, guard.Refused[(duo0, alone)]);
        Assert.Equal(2, guard.Refused[(alone, duo0)]);
        Assert.Equal(3, guard.TotalRefused);
    }

    [Fact]
    public void WhatASwitchRedirectsMeetsTheGuardOfTheRootComplex()
    {
        using var fabric = new PeerFabric(host: Pairs);
        fabric.Run(async peers =>
        {
            await PeerGuardSetup.LoadAsync(peers.Host, 0, peers.Hierarchies[0]);
            await peers.Acs.EnableIsolationAsync(peers.Hierarchies[0]);
            Assert.Equal(CompletionStatus.SuccessfulCompletion, await peers.ReadAsync(A, B));
            Assert.Equal(CompletionStatus.UnsupportedRequest, await peers.ReadAsync(A, C));
        });

        Assert.Equal(0, ((DownstreamPort)fabric.Fabric.Ports[Dp0]).Guard!.TotalRefused);
        Assert.Equal(1, fabric.Root.PeerGuards[0].TotalRefused);
    }

    [Fact]
    public void SoftwareAllowsAndRevokesPairsWhileTheFabricRuns()
    {
        using var fabric = new PeerFabric(host: "peer-to-peer: { allow: [] },");
        fabric.Run(async peers =>
        {
            Assert.Equal(CompletionStatus.UnsupportedRequest, await peers.ReadAsync(A, B));
            var guards = await PeerGuardSetup.LoadAsync(peers.Host, 0, peers.Hierarchies[0]);
            Assert.Equal(CompletionStatus.UnsupportedRequest, await peers.ReadAsync(A, B));
            Assert.Equal(CompletionStatus.UnsupportedRequest, await peers.ReadAsync(A, Alone));
            await guards.AllowAsync(peers[A], peers[B]);
            await guards.AllowAsync(peers[A], peers[Alone]);
            Assert.Equal(CompletionStatus.SuccessfulCompletion, await peers.ReadAsync(A, B));
            Assert.Equal(CompletionStatus.SuccessfulCompletion, await peers.ReadAsync(A, Alone));
            await guards.RevokeAsync(peers[B], peers[A]);
            Assert.Equal(CompletionStatus.UnsupportedRequest, await peers.ReadAsync(A, B));
            Assert.Equal(CompletionStatus.SuccessfulCompletion, await peers.ReadAsync(A, Alone));
        });
    }

    [Fact]
    public void SoftwareMayGuardARootComplexWhoseTopologyHasNoList()
    {
        using var fabric = new PeerFabric();
        fabric.Run(async peers =>
        {
            Assert.Equal(CompletionStatus.SuccessfulCompletion, await peers.ReadAsync(A, Alone));
            await PeerGuardSetup.LoadAsync(peers.Host, 0, peers.Hierarchies[0]);
            Assert.Equal(CompletionStatus.UnsupportedRequest, await peers.ReadAsync(A, Alone));
            Assert.Equal(CompletionStatus.SuccessfulCompletion, await peers.ReadAsync(A, B));
        });
    }
}
