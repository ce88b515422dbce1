using PcieFabric.Engine;
using PcieFabric.Iommus;
using PcieFabric.Ports;

namespace PcieFabric.RootComplexes;

public sealed partial class RootComplex
{
    /// <summary>What root ports send when an IOMMU has seen it.</summary>
    private void FromIommu(int port, ref readonly Message message)
    {
        ref readonly var tlp = ref message.Tlp;
        switch ((IommuVerdict)message.Detail)
        {
            case IommuVerdict.Pass:
                FromPort(port, in tlp);
                break;
            case IommuVerdict.Refuse:
                Counters.TlpsFromPorts++;
                Refuse(port, in tlp, UncorrectableError.UnsupportedRequest);
                break;
            case IommuVerdict.Drop:
                Counters.TlpsFromPorts++;
                Free(port, in tlp);
                tlp.Release(Context.Payloads);
                break;
            case IommuVerdict.Answered:
                Counters.TlpsFromPorts++;
                tlp.Release(Context.Payloads);
                break;
            case IommuVerdict.SendDown:
                SendDown(port, in tlp);
                break;
        }
    }

    /// <summary>A completion goes where its request came from, a message to the bus of the function that it names. Where nobody has that bus, it is lost.</summary>
    private void SendDown(int port, ref readonly Tlp tlp)
    {
        var hierarchy = _ports[port].Hierarchy;
        if (tlp.IsMessage)
        {
            var byBus = _routes[hierarchy].ByBus(tlp.Target.Bus);
            if (byBus == RouteTable.None)
            {
                tlp.Release(Context.Payloads);
                return;
            }
            port = _settings.Hierarchies[hierarchy].FirstPort + byBus;
        }
        _ports[port].Transmitter.Send(in tlp, tlp.IsCompletion ? LastOfRead(port) : Own, Context.NowPs);
    }
}
