using PcieFabric.Actors.Tests.EndpointControllers;
using PcieFabric.AddressTranslation;
using PcieFabric.ConfigSpaces.Capabilities;
using PcieFabric.RootComplexes.PeerToPeer;

namespace PcieFabric.Actors.Tests.Iommus;

public sealed class AccessControlTests
{
    /// <summary>The root complex hears of the controls through the IOMMU, and obeys them.</summary>
    [Fact]
    public void ControlsOfARootPortAboveAnIommuAreObeyed()
    {
        using var rig = new IommuRig(host: "memory: 64 MiB, acs: [source-validation, request-redirect, egress-control]");
        var arrived = new List<bool>();
        rig.Run(async (host, iommu) =>
        {
            var domain = iommu.CreateDomain();
            await iommu.AttachAsync(domain, rig.Id(2));
            await iommu.MapAsync(domain, 0x10_0000, rig.Bar(0), 0x1000, PagePermissions.ReadWrite);
            var acs = new AccessControlSetup(host.Configuration[0]);
            var tree = await Fabrics.Bus.EnumerateAsync(host);
            var port = tree.Tree.RootBus[1];
            foreach (var controls in new[] { AcsControls.None, AcsControls.PeerEgressControl, AcsControls.PeerRequestRedirect })
            {
                await acs.EnableAsync(port, controls);
                await acs.SetEgressVectorAsync(port, 0);
                await rig.DoAsync(host, 2, async probe => arrived.Add((await probe.ReadAsync(0x10_0000, new byte[4])).IsSuccess));
            }
        });
        Assert.Equal([true, false, true], arrived);
        Assert.Equal((1L, 1L), (rig.RootComplex.Counters.AcsViolations, rig.RootComplex.Counters.TlpsRedirected));
    }
}
