using PcieFabric.ConfigSpaces.Capabilities;
using PcieFabric.Tlps;
using static PcieFabric.Actors.Tests.PeerToPeer.PeerFabric;

namespace PcieFabric.Actors.Tests.PeerToPeer;

/// <summary>Access Control Services between the functions of one device (PCIe 6.0 section 6.12.1.2).</summary>
public sealed class AcsFunctionTests
{
    private const string Duo = "host0/rp0/leaf/dp3/duo", Host = "host0";

    [Fact]
    public void WithoutAcsFunctionsReachEachOtherInsideTheDevice()
    {
        using var fabric = new PeerFabric();
        var path = fabric.Follow();
        fabric.Run(async peers =>
        {
            await peers.PokeAsync(Duo1, 0xBEEF, 0x100);
            Assert.Equal(CompletionStatus.SuccessfulCompletion, await peers.ReadAsync(Duo0, Duo1, bytes: 1024));
            Assert.Equal(0xBEEFu, await peers.PeekAsync(Duo0));
            Assert.Equal(CompletionStatus.SuccessfulCompletion, await peers.WriteAsync(Duo0, Duo1, offset: 0x800));
            Assert.Equal(0xBEEFu, await peers.PeekAsync(Duo1, 0x800));
        });

        Assert.Equal([Duo], path.RequestActors);
        Assert.DoesNotContain(Dp3, path.CompletionActors);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(PeerProbe.Relaxed)]
    public void RedirectSendsRequestsAndCompletionsThroughTheRootComplex(uint how)
    {
        using var fabric = new PeerFabric();
        var path = fabric.Follow();
        fabric.Run(async peers =>
        {
            await peers.AcsAsync(Duo0, AcsControls.PeerRequestRedirect);
            await peers.AcsAsync(Duo1, AcsControls.PeerCompletionRedirect);
            await peers.AcsAsync(Dp3, AcsControls.UpstreamForwarding);
            await peers.AcsAsync(Rp0, AcsControls.UpstreamForwarding);
            await peers.PokeAsync(Duo1, 0xBEEF, 0x100);
            Assert.Equal(CompletionStatus.SuccessfulCompletion, await peers.ReadAsync(Duo0, Duo1, how, bytes: 1024));
            Assert.Equal(0xBEEFu, await peers.PeekAsync(Duo0));
        });

        Assert.Contains(Host, path.RequestActors);
        Assert.Equal(how == 0, path.CompletionActors.Contains(Host));
    }

    [Fact]
    public void EgressControlNamesFunctions()
    {
        using var fabric = new PeerFabric();
        fabric.Run(async peers =>
        {
            await peers.Acs.SetEgressVectorAsync(peers[Duo0], 1);
            await peers.AcsAsync(Duo0, AcsControls.PeerEgressControl);
            Assert.Equal(CompletionStatus.CompleterAbort, await peers.ReadAsync(Duo0, Duo1));
            Assert.Equal(CompletionStatus.SuccessfulCompletion, await peers.ReadAsync(Duo1, Duo0));
            // Peers beyond the device are the ports' business.
            Assert.Equal(CompletionStatus.SuccessfulCompletion, await peers.ReadAsync(Duo0, A));
            await peers.AcsAsync(Duo0, AcsControls.PeerEgressControl | AcsControls.DirectTranslatedPeer);
            Assert.Equal(CompletionStatus.SuccessfulCompletion, await peers.ReadAsync(Duo0, Duo1, PeerProbe.Translated));
            Assert.Equal(CompletionStatus.CompleterAbort, await peers.ReadAsync(Duo0, Duo1));
        });

        Assert.Equal(2, fabric.Fabric.Endpoints[Duo].Functions[0]!.Counters.AcsViolations);
    }
}
