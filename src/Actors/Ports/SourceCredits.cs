using PcieFabric.Engine;
using PcieFabric.Links;

namespace PcieFabric.Ports;

/// <summary>
/// Inside a component: what one egress owes each ingress for TLPs that it has sent on. The ingress keeps a TLP's credits until
/// then, so no egress holds more than the links around it granted.
/// </summary>
public sealed class SourceCredits(int sources)
{
    /// <summary>The least that a message takes: the credits do not wait for anything.</summary>
    internal const long LatencyPs = 1;

    private readonly Source[] _sources = new Source[sources];

    private struct Source
    {
        public CreditReturns Returns;
        public ActorRef Ingress;
    }

    /// <param name="granted">What the ingress granted on its link, with this MPS.</param>
    /// <param name="egresses">How many owe this ingress.</param>
    public void Connect(int source, ActorRef ingress, in CreditLimits granted, int maxPayloadSize, int egresses) =>
        _sources[source] = new Source { Returns = new CreditReturns(granted, maxPayloadSize, egresses), Ingress = ingress };

    /// <summary>A TLP from this source has left, or will have at <paramref name="atPs"/>.</summary>
    public void Departed(int source, FlowControlClass flowControlClass, int dataCredits, long atPs, int headers = 1)
    {
        ref var from = ref _sources[source];
        if (!from.Returns.Freed(flowControlClass, dataCredits, headers)) return;
        from.Returns.Take(flowControlClass, out headers, out var data);
        var message = Message.Of(MessageKind.CreditReturn, new CreditReturn(flowControlClass, headers, data));
        from.Ingress.Tell(in message, atPs + LatencyPs);
    }

    public void Departed(int source, ref readonly Tlp tlp, long atPs) => Departed(source, tlp.FlowControlClass, CreditCounter.DataCredits(in tlp), atPs);

    /// <summary>What is gathered for a source.</summary>
    internal ref CreditReturns this[int source] => ref _sources[source].Returns;

    /// <summary>On which a source is given its credits.</summary>
    internal ActorRef? WayTo(int source) => _sources[source].Ingress;
}
