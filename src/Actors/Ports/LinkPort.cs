using PcieFabric.Engine;
using PcieFabric.Links;

namespace PcieFabric.Ports;

/// <summary>One end of a link: a <see cref="Transmitter"/>, and the receiver's duties, credits and acknowledgements.</summary>
public sealed class LinkPort
{
    private readonly LinkSettings _link;
    private readonly long _propagationPs;
    private readonly long _longestTlpPs;
    private readonly long _ackLimitPs;
    private readonly bool _realDllps;
    private CreditReturns _returns;
    private CreditCounter _granted;
    private ActorRef? _dllps;
    private long _ackDuePs = long.MaxValue;

    public LinkPort(IPortOwner owner, LinkSettings link, bool partnerCutsThrough)
    {
        _link = link;
        _propagationPs = link.Propagation.Picoseconds;
        _realDllps = link.DllpMode == DllpMode.Real;
        _returns = new CreditReturns(link);
        _granted = new CreditCounter(link.Credits);
        Transmitter = new Transmitter(owner, link, partnerCutsThrough);
        _longestTlpPs = Transmitter.DurationPs(link.MaxPayloadSize + TlpWireSize.FramingBytes + 24);
        _ackLimitPs = DllpOverhead.AckLimitPs(link.Generation, link.Width, link.MaxPayloadSize);
    }

    public LinkSettings Link => _link;

    public Transmitter Transmitter { get; }

    /// <summary>Somebody is at the other end.</summary>
    public bool IsUp => _dllps is not null;

    /// <summary>Credits that the partner has taken and that no update has given back. At rest the partner's <see cref="Transmitter.CreditsOut"/>.</summary>
    public CreditLimit CreditsTaken(FlowControlClass flowControlClass) => _granted.Out(flowControlClass);

    public long TlpsReceived { get; private set; }

    public long PayloadBytesReceived { get; private set; }

    public long AcksSent { get; private set; }

    public long UpdatesSent { get; private set; }

    /// <param name="tlps">The way of TLPs to the partner.</param>
    /// <param name="dllps">The way of DLLPs: one of its own, as they overtake TLPs that are planned but not yet on the wire.</param>
    public void Connect(ActorRef tlps, ActorRef dllps)
    {
        Transmitter.Connect(tlps);
        _dllps = dllps;
    }

    public void Send(ref readonly Tlp tlp, int source, long nowPs, long tailPs = 0)
    {
        SendAckIfDue(nowPs);
        Transmitter.Send(in tlp, source, nowPs, tailPs);
    }

    /// <summary>To be called for each TLP that arrives. Its credits stay taken until <see cref="Freed"/>.</summary>
    /// <exception cref="InvalidOperationException">The partner sent without credits, which is a bug of ours.</exception>
    public void Received(ref readonly Tlp tlp, long nowPs)
    {
        if (!_granted.TryConsume(tlp.FlowControlClass, CreditCounter.DataCredits(in tlp))) ThrowOverflow(in tlp);
        TlpsReceived++;
        PayloadBytesReceived += tlp.PayloadBytes;
        if (!_realDllps) return;
        SendAckIfDue(nowPs);
        if (_ackDuePs == long.MaxValue) _ackDuePs = nowPs + _ackLimitPs;
    }

    /// <summary>The buffer of one TLP or several is free again; tells the partner when enough have gathered.</summary>
    public void Freed(FlowControlClass flowControlClass, int dataCredits, long nowPs, int headers = 1)
    {
        if (!_returns.Freed(flowControlClass, dataCredits, headers)) return;
        _returns.Take(flowControlClass, out headers, out dataCredits);
        UpdatesSent++;
        _granted.Return(flowControlClass, headers, dataCredits);
        SendAckIfDue(nowPs);
        var sentPs = _realDllps ? Transmitter.SendDllp(nowPs, _longestTlpPs) : nowPs;
        var message = Message.Of(MessageKind.CreditReturn, new CreditReturn(flowControlClass, headers, dataCredits));
        _dllps!.Tell(in message, sentPs + _propagationPs);
    }

    /// <inheritdoc cref="Freed(FlowControlClass, int, long, int)"/>
    public void Freed(ref readonly Tlp tlp, long nowPs) => Freed(tlp.FlowControlClass, CreditCounter.DataCredits(in tlp), nowPs);

    /// <summary>Training sequences with the Hot Reset bit: the partner and all below it reset (PCIe 6.0 section 4.2.5.11).</summary>
    public void SendHotReset(long nowPs)
    {
        var message = new Message { Kind = MessageKind.HotReset };
        _dllps?.Tell(in message, nowPs + _propagationPs);
    }

    /// <summary>
    /// An Ack carries nothing that the partner waits for, as our links lose nothing: what matters is the room it takes on the wire. So
    /// it is put there when something else is about to be sent, at the time at which it was due.
    /// </summary>
    private void SendAckIfDue(long nowPs)
    {
        if (_ackDuePs > nowPs) return;
        Transmitter.SendDllp(_ackDuePs, _longestTlpPs);
        _ackDuePs = long.MaxValue;
        AcksSent++;
    }

    private void ThrowOverflow(in Tlp tlp) => throw new InvalidOperationException($"Invariant: a link carries only what its receiver granted. {tlp} came beyond {_link.Credits[tlp.FlowControlClass]}");
}
