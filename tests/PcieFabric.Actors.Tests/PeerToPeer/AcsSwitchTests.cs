using PcieFabric.ConfigSpaces.Capabilities;
using PcieFabric.Tlps;
using static PcieFabric.Actors.Tests.PeerToPeer.PeerFabric;
using Capability = PcieFabric.ConfigSpaces.Capabilities.ExtendedCapabilityId;

namespace PcieFabric.Actors.Tests.PeerToPeer;

/// <summary>Access Control Services of a switch's downstream ports, control by control (PCIe 6.0 section 6.12.1.1).</summary>
public sealed class AcsSwitchTests
{
    private const string Up = "host0/rp0/leaf/up", Host = "host0";

    [Fact]
    public void WithoutAcsPeersMeetInTheSwitch()
    {
        using var fabric = new PeerFabric();
        var path = fabric.Follow();
        fabric.Run(async peers =>
        {
            await peers.PokeAsync(A, 0xC0FFEE);
            Assert.Equal(CompletionStatus.SuccessfulCompletion, await peers.WriteAsync(A, B));
            Assert.Equal(0xC0FFEEu, await peers.PeekAsync(B, 0x100));
            Assert.Equal(CompletionStatus.SuccessfulCompletion, await peers.ReadAsync(C, B));
            Assert.Equal(0xC0FFEEu, await peers.PeekAsync(C));
        });

        Assert.Contains("host0/rp0/leaf/dp1/card", path.RequestActors);
        Assert.DoesNotContain(Up, path.RequestActors);
        Assert.DoesNotContain(Host, path.RequestActors);
        Assert.DoesNotContain(Up, path.CompletionActors);
        Assert.Equal(0, fabric.Root.Counters.TlpsBetweenPorts);
    }

    [Fact]
    public void RequestRedirectTakesRequestsToTheRootComplexAndBackWhileCompletionsStayInTheSwitch()
    {
        using var fabric = new PeerFabric();
        var path = fabric.Follow();
        fabric.Run(async peers =>
        {
            await peers.AcsAsync(Dp0, AcsControls.PeerRequestRedirect);
            await peers.AcsAsync(Rp0, AcsControls.UpstreamForwarding);
            await peers.PokeAsync(B, 0xFEED, 0x100);
            Assert.Equal(CompletionStatus.SuccessfulCompletion, await peers.ReadAsync(A, B));
            Assert.Equal(0xFEEDu, await peers.PeekAsync(A));
        });

        Assert.Equal(["host0/rp0/leaf/dp0/card", Dp0, Up, Rp0, Host, Dp1, "host0/rp0/leaf/dp1/card"], path.RequestActors);
        Assert.Equal([Dp1, Dp0, "host0/rp0/leaf/dp0/card", "host0/rp0/leaf/dp0/card/fn0"], path.CompletionActors);
        Assert.Equal(1, fabric.Root.Counters.TlpsRedirected);
        Assert.Equal(1, fabric.Root.Counters.TlpsBetweenPorts);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void CompletionRedirectTakesOnlyCompletionsWithoutRelaxedOrderingToTheRootComplex(bool relaxed)
    {
        using var fabric = new PeerFabric();
        var path = fabric.Follow();
        fabric.Run(async peers =>
        {
            await peers.AcsAsync(Dp1, AcsControls.PeerCompletionRedirect);
            await peers.AcsAsync(Rp0, AcsControls.UpstreamForwarding);
            Assert.Equal(CompletionStatus.SuccessfulCompletion, await peers.ReadAsync(A, B, relaxed ? PeerProbe.Relaxed : 0));
        });

        Assert.DoesNotContain(Host, path.RequestActors);
        Assert.Equal(!relaxed, path.CompletionActors.Contains(Host));
        Assert.NotEmpty(path.Completions);
    }

    [Fact]
    public void SourceValidationBlocksARequesterThatIsNotBelowThePort()
    {
        using var fabric = new PeerFabric();
        fabric.Run(async peers =>
        {
            await peers.AcsAsync(Dp0, AcsControls.SourceValidation);
            Assert.Equal(CompletionStatus.SuccessfulCompletion, await peers.ReadAsync(A, B));
            // With other bus numbers below the port, the requester is no longer one of them.
            await peers.Host.Configuration[0].WriteAsync(peers[Dp0].Bdf, 0x18, 0x0050_5000, 0b0110);
            Assert.Equal(CompletionStatus.CompleterAbort, await peers.ReadAsync(A, B));
            await peers.AcsAsync(Dp0, AcsControls.None);
            Assert.Equal(CompletionStatus.SuccessfulCompletion, await peers.WriteAsync(A, B));
        });

        Assert.Equal(1, fabric.CountersOf(Dp0).AcsViolations);
    }

    [Theory]
    [InlineData(PeerProbe.Translated)]
    [InlineData(PeerProbe.TranslationRequest)]
    public void TranslationBlockingAbortsRequestsThatAreNotUntranslatedEvenWithDirectTranslated(uint how)
    {
        using var fabric = new PeerFabric();
        fabric.Run(async peers =>
        {
            await peers.AcsAsync(Dp0, AcsControls.TranslationBlocking | AcsControls.DirectTranslatedPeer);
            Assert.Equal(CompletionStatus.SuccessfulCompletion, await peers.ReadAsync(A, B));
            Assert.Equal(CompletionStatus.CompleterAbort, await peers.ReadAsync(A, B, how));
        });

        Assert.Equal(1, fabric.CountersOf(Dp0).AcsViolations);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(PeerProbe.Translated, false)]
    public void DirectTranslatedSendsTranslatedRequestsAcrossInSpiteOfRedirect(uint how, bool viaRoot)
    {
        using var fabric = new PeerFabric();
        var path = fabric.Follow();
        fabric.Run(async peers =>
        {
            await peers.AcsAsync(Dp0, AcsControls.PeerRequestRedirect | AcsControls.DirectTranslatedPeer);
            await peers.AcsAsync(Rp0, AcsControls.UpstreamForwarding);
            Assert.Equal(CompletionStatus.SuccessfulCompletion, await peers.ReadAsync(A, B, how));
        });

        Assert.Equal(viaRoot, path.RequestActors.Contains(Host));
    }

    [Theory]
    [InlineData(false, CompletionStatus.CompleterAbort)]
    [InlineData(true, CompletionStatus.SuccessfulCompletion)]
    public void EgressControlBlocksOrRedirectsPortByPort(bool redirects, CompletionStatus toB)
    {
        using var fabric = new PeerFabric();
        var path = fabric.Follow();
        fabric.Run(async peers =>
        {
            var controls = AcsControls.PeerEgressControl | (redirects ? AcsControls.PeerRequestRedirect : 0);
            await peers.Acs.SetEgressVectorAsync(peers[Dp0], 1);
            await peers.AcsAsync(Dp0, controls);
            await peers.AcsAsync(Rp0, AcsControls.UpstreamForwarding);
            Assert.Equal(toB, await peers.ReadAsync(A, B));
            var requests = path.Requests.Count;
            Assert.Equal(CompletionStatus.SuccessfulCompletion, await peers.ReadAsync(A, C));
            // Port 2 is not in the vector: directly, whatever Request Redirect says.
            Assert.DoesNotContain(path.Requests.Skip(requests), hop => hop.To.Value == Up);
        });

        Assert.Equal(redirects ? 0 : 1, fabric.CountersOf(Dp0).AcsViolations);
        Assert.Equal(redirects, path.RequestActors.Contains(Host));
    }

    [Fact]
    public void UpstreamForwardingDecidesWhetherWhatIsForBelowGoesUp()
    {
        using var fabric = new PeerFabric();
        fabric.Run(async peers =>
        {
            await peers.AcsAsync(Dp0, AcsControls.PeerRequestRedirect);
            // The root port gets a request for its own hierarchy: without Upstream Forwarding nobody takes it.
            Assert.Equal(CompletionStatus.UnsupportedRequest, await peers.ReadAsync(A, B));
            await peers.AcsAsync(Rp0, AcsControls.UpstreamForwarding);
            Assert.Equal(CompletionStatus.SuccessfulCompletion, await peers.ReadAsync(A, B));
        });

        Assert.Equal(1, fabric.CountersOf(Rp0).UnsupportedRequests);
    }

    [Fact]
    public void AViolationIsLoggedWithItsHeaderAndSignalled()
    {
        using var fabric = new PeerFabric();
        fabric.Run(async peers =>
        {
            await peers.Acs.SetEgressVectorAsync(peers[Dp0], 1);
            await peers.AcsAsync(Dp0, AcsControls.PeerEgressControl);
            Assert.Equal(CompletionStatus.SuccessfulCompletion, await peers.WriteAsync(A, B, offset: 0x140));

            Assert.Equal(1u << 21, await peers.ConfigAsync(Dp0, Capability.AdvancedErrorReporting, 0x04) & 1u << 21);
            Assert.Equal(21u, await peers.ConfigAsync(Dp0, Capability.AdvancedErrorReporting, 0x18) & 31);
            // Header log: MWr64 of one DW, requester, then the address.
            Assert.Equal(0x6000_0001u, await peers.ConfigAsync(Dp0, Capability.AdvancedErrorReporting, 0x1C));
            Assert.Equal(peers[A].Bdf.Value, await peers.ConfigAsync(Dp0, Capability.AdvancedErrorReporting, 0x20) >> 16);
            Assert.Equal((uint)(peers.Memory(B) + 0x140), await peers.ConfigAsync(Dp0, Capability.AdvancedErrorReporting, 0x28));
            Assert.Equal(0u, await peers.PeekAsync(B, 0x140));
            // The root port collected an ERR_NONFATAL, from the downstream port.
            Assert.Equal(peers[Dp0].Bdf.Value, await peers.ConfigAsync(Rp0, Capability.AdvancedErrorReporting, 0x34) >> 16);
            // Of a read the requester is told, so it is advisory: ERR_COR; the abort shows in Secondary Status.
            Assert.Equal(0u, await peers.Host.Configuration[0].ReadAsync(peers[Dp0].Bdf, 0x1C) >> 27 & 1);
            Assert.Equal(CompletionStatus.CompleterAbort, await peers.ReadAsync(A, B));
            Assert.Equal(1u, await peers.Host.Configuration[0].ReadAsync(peers[Dp0].Bdf, 0x1C) >> 27 & 1);
        });

        var rootPort = (PcieFabric.RootComplexes.RootPort)fabric.Fabric.Ports[Rp0];
        Assert.Equal(1, rootPort.ErrorMessages[(int)ErrorSeverity.NonFatal]);
        Assert.Equal(2, fabric.CountersOf(Dp0).AcsViolations);
    }
}
