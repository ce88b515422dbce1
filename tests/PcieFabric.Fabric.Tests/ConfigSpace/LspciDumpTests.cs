using PcieFabric.Addressing;
using PcieFabric.ConfigSpaces;
using PcieFabric.ConfigSpaces.Capabilities;
using PcieFabric.ConfigSpaces.Functions;
using Xunit.Abstractions;

namespace PcieFabric.Fabric.Tests.ConfigSpaces;

public class LspciDumpTests(ITestOutputHelper output)
{
    private static readonly FunctionIdentity Nvme = new(0x1B36, 0x0010, 0x010802, 2, 0x1AF4, 0x1100);

    [LspciFact]
    public void AnEndpointWithEveryCapabilityIsUnderstood()
    {
        var layout = Endpoints.Everything();
        var text = Lspci.Decode((new Bdf(1, 0, 0), new ConfigSpace(layout)));
        output.WriteLine(text);
        Lspci.AssertUnderstood(text);
    }

    [LspciFact]
    public void EveryBridgeIsUnderstood()
    {
        foreach (var type in (PortType[])[PortType.RootPort, PortType.UpstreamSwitchPort, PortType.DownstreamSwitchPort])
        {
            var slot = type.IsDownstream() ? new SlotOptions { HotPlug = true, AttentionButton = true, PowerController = true, PowerIndicator = true } : null;
            var layout = new BridgeLayout(type, new FunctionIdentity(0x1AF4, 0x0001, BridgeLayout.ClassCode, 0, 0x1AF4, 0x1100), new PciExpressOptions { MaxLinkSpeed = 5, MaxLinkWidth = 16, Slot = slot });
            var text = Lspci.Decode((new Bdf(0, 1, 0), new ConfigSpace(layout)));
            output.WriteLine(text);
            Lspci.AssertUnderstood(text);
        }
    }
}
