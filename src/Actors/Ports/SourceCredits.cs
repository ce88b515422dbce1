using PcieFabric.Engine;
using PcieFabric.Links;

namespace PcieFabric.Ports;

/// <summary>
/// Inside a component: what one egress owes each ingress for TLPs that it has sent on. The ingress keeps a TLP's credits until
/// then, so no egress holds more than the links around it granted.
/// </summary>
public sealed class SourceCredits(long latencyPs)
{
    private readonly List<Source> _sources = [];

    private struct Source
    {
        public CreditReturns Returns;
        public ActorRef Ingress;
    }

    /// <summary>The next source; sources count from zero in the order of these calls.</summary>
    /// <param name="granted">What the ingress granted on its link.</param>
    /// <param name="egresses">How many others owe this ingress too.</param>
    public void Add(ActorRef ingress, in CreditLimits granted, int maxPayloadSize, int egresses) =>
        _sources.Add(new Source { Returns = new CreditReturns(granted, maxPayloadSize, egresses), Ingress = ingress });

    public void Departed(int source, FlowControlClass flowControlClass, int dataCredits, long atPs)
    {
        ref var from = ref System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_sources)[source];
        if (!from.Returns.Freed(flowControlClass, dataCredits)) return;
        from.Returns.Take(flowControlClass, out var headers, out var data);
        var message = Message.Of(MessageKind.CreditReturn, new CreditReturn(flowControlClass, headers, data));
        from.Ingress.Tell(in message, atPs + latencyPs);
    }
}
