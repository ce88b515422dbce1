using PcieFabric.ConfigSpaces.Capabilities;
using PcieFabric.Tlps;
using static PcieFabric.Actors.Tests.PeerToPeer.PeerFabric;

namespace PcieFabric.Actors.Tests.PeerToPeer;

/// <summary>Peers below different root ports: the root complex's policy, and the ACS of its ports (PCIe 6.0 sections 1.3.1 and 6.12.1.1).</summary>
public sealed class AcsRootPortTests
{
    [Theory]
    [InlineData("none", CompletionStatus.UnsupportedRequest, false)]
    [InlineData("writes-only", CompletionStatus.UnsupportedRequest, true)]
    [InlineData("same-bridge", CompletionStatus.SuccessfulCompletion, true)]
    [InlineData("full", CompletionStatus.SuccessfulCompletion, true)]
    public void ThePolicyDecidesWhatARootComplexForwards(string policy, CompletionStatus read, bool writes)
    {
        using var fabric = new PeerFabric(host: $"peer-to-peer: {policy},");
        fabric.Run(async peers =>
        {
            await peers.PokeAsync(A, 0xABC);
            Assert.Equal(read, await peers.ReadAsync(Alone, A));
            await peers.WriteAsync(A, Alone);
            Assert.Equal(writes ? 0xABCu : 0u, await peers.PeekAsync(Alone, 0x100));
        });
    }

    [Theory]
    [InlineData("none", CompletionStatus.CompleterAbort)]
    [InlineData("full", CompletionStatus.SuccessfulCompletion)]
    public void WhatARedirectingRootPortMayNotForwardIsAnAcsViolation(string policy, CompletionStatus read)
    {
        using var fabric = new PeerFabric(host: $"peer-to-peer: {policy},");
        fabric.Run(async peers =>
        {
            await peers.AcsAsync(Rp1, AcsControls.PeerRequestRedirect);
            Assert.Equal(read, await peers.ReadAsync(Alone, A));
        });

        Assert.Equal(1, fabric.Root.Counters.TlpsRedirected);
        Assert.Equal(policy == "none" ? 1 : 0, fabric.CountersOf(Rp1).AcsViolations);
        Assert.Equal(policy == "none" ? 1 : 0, fabric.Root.Counters.AcsViolations);
        Assert.Equal(0, fabric.CountersOf(Rp1).UnsupportedRequests);
    }

    [Fact]
    public void WhatASwitchRedirectedComesBackOnlyIfTheRootComplexForwards()
    {
        using var fabric = new PeerFabric(host: "peer-to-peer: writes-only,");
        fabric.Run(async peers =>
        {
            await peers.Acs.EnableIsolationAsync(peers.Hierarchies[0]);
            await peers.PokeAsync(A, 0x77);
            await peers.WriteAsync(A, B);
            Assert.Equal(0x77u, await peers.PeekAsync(B, 0x100));
            Assert.Equal(CompletionStatus.CompleterAbort, await peers.ReadAsync(A, B));
        });

        Assert.Equal(2, fabric.Root.Counters.TlpsRedirected);
        Assert.Equal(1, fabric.CountersOf(Rp0).AcsViolations);
    }

    [Fact]
    public void EgressControlOfARootPortNamesRootPorts()
    {
        using var fabric = new PeerFabric();
        fabric.Run(async peers =>
        {
            await peers.Acs.SetEgressVectorAsync(peers[Rp1], 0);
            await peers.AcsAsync(Rp1, AcsControls.PeerEgressControl | AcsControls.DirectTranslatedPeer);
            Assert.Equal(CompletionStatus.CompleterAbort, await peers.ReadAsync(Alone, A));
            Assert.Equal(CompletionStatus.SuccessfulCompletion, await peers.ReadAsync(Alone, Alone2));
            Assert.Equal(CompletionStatus.SuccessfulCompletion, await peers.ReadAsync(Alone, A, PeerProbe.Translated));
        });

        Assert.Equal(1, fabric.CountersOf(Rp1).AcsViolations);
    }

    [Fact]
    public void SourceValidationAndTranslationBlockingHoldForMemoryToo()
    {
        using var fabric = new PeerFabric();
        fabric.Run(async peers =>
        {
            await peers.AcsAsync(Rp1, AcsControls.SourceValidation | AcsControls.TranslationBlocking);
            Assert.Equal(CompletionStatus.SuccessfulCompletion, await peers.DmaAsync(Alone, 0x1000, 0, 64));
            Assert.Equal(CompletionStatus.CompleterAbort, await peers.DmaAsync(Alone, 0x1000, PeerProbe.Translated, 64));
            await peers.Host.Configuration[0].WriteAsync(peers[Rp1].Bdf, 0x18, 0x0050_5000, 0b0110);
            Assert.Equal(CompletionStatus.CompleterAbort, await peers.DmaAsync(Alone, 0x1000, 0, 64));
        });

        Assert.Equal(2, fabric.CountersOf(Rp1).AcsViolations);
    }
}
