using System.Runtime.CompilerServices;
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

    private readonly Gathering[] _gathered = new Gathering[sources];
    private readonly ActorRef[] _ingresses = new ActorRef[sources];
    private (CreditLimits Granted, int MaxPayloadSize, int Egresses, Gathering Nothing) _last;

    /// <summary>Shared by sources of the same grant as long as nothing has come from them: in a large switch that is so of most.</summary>
    private sealed class Gathering(in CreditReturns returns, bool isShared)
    {
        public CreditReturns Returns = returns;

        public bool IsShared => isShared;
    }

    /// <param name="granted">What the ingress granted on its link, with this MPS.</param>
    /// <param name="egresses">How many owe this ingress.</param>
    /// <param name="isShared">Much may never come from it. What is gathered for others has its place at once, beside what was made for them before.</param>
    public void Connect(int source, ActorRef ingress, in CreditLimits granted, int maxPayloadSize, int egresses, bool isShared = true)
    {
        _ingresses[source] = ingress;
        if (!isShared)
        {
            _gathered[source] = new Gathering(new CreditReturns(granted, maxPayloadSize, egresses), isShared);
            return;
        }
        if (_last.Nothing is null || (_last.Granted, _last.MaxPayloadSize, _last.Egresses) != (granted, maxPayloadSize, egresses))
            _last = (granted, maxPayloadSize, egresses, new Gathering(new CreditReturns(granted, maxPayloadSize, egresses), isShared: true));
        _gathered[source] = _last.Nothing;
    }

    /// <summary>A TLP from this source has left, or will have at <paramref name="atPs"/>.</summary>
    public void Departed(int source, FlowControlClass flowControlClass, int dataCredits, long atPs, int headers = 1)
    {
        if (this[source].Freed(flowControlClass, dataCredits, headers)) Return(source, flowControlClass, atPs);
    }

    /// <summary>A batch is due. Apart from who asks for each TLP, as a method clears room on the stack for what it might do.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Return(int source, FlowControlClass flowControlClass, long atPs)
    {
        this[source].Take(flowControlClass, out var headers, out var data);
        var message = Message.Of(MessageKind.CreditReturn, new CreditReturn(flowControlClass, headers, data));
        _ingresses[source].Tell(in message, atPs + LatencyPs);
    }

    public void Departed(int source, ref readonly Tlp tlp, long atPs) => Departed(source, tlp.FlowControlClass, CreditCounter.DataCredits(in tlp), atPs);

    /// <summary>What is gathered for a source, which from now on has a place of its own for it.</summary>
    internal ref CreditReturns this[int source]
    {
        get
        {
            var gathered = _gathered[source];
            if (gathered.IsShared) _gathered[source] = gathered = new Gathering(in gathered.Returns, isShared: false);
            return ref gathered.Returns;
        }
    }

    /// <summary>On which a source is given its credits.</summary>
    internal ActorRef? WayTo(int source) => _ingresses[source];
}
