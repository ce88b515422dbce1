using System.Runtime.CompilerServices;
using PcieFabric.Engine;
using PcieFabric.Links;

namespace PcieFabric.Ports;

/// <summary>
/// One end of a link: a <see cref="Transmitter"/>, the receiver's duties, credits and acknowledgements, and whether the link is up. Both
/// ends are there from the start unless their owner says otherwise; one that goes takes the link down, and what was on its way is lost.
/// </summary>
public sealed class LinkPort
{
    /// <summary>From both ends being there to the link being up: some milliseconds on hardware, at most 20 to its start (PCIe 6.0 section 6.6.1).</summary>
    public static readonly SimTime TrainingTime = SimTime.FromMilliseconds(10);

    private readonly LinkSettings _link;
    private readonly long _propagationPs;
    private readonly long _longestTlpPs;
    private readonly long _ackLimitPs;
    private readonly bool _realDllps;
    private CreditReturns _returns;
    private CreditCounter _granted;
    private ActorRef? _dllps;
    private long _ackDuePs = long.MaxValue;
    private StaleCredits _stale;
    private int _attempt;
    private int _partnerAttempt;
    private bool _isReady = true;
    private bool _isUp;
    private bool _partnerIsThere = true;

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

    /// <summary>Data Link Layer Up: TLPs can be exchanged (PCIe 6.0 section 3.2.1).</summary>
    public bool IsUp => _isUp;

    /// <summary>This end takes part in training. Where it does not, the other end sees an empty slot.</summary>
    public bool IsReady => _isReady;

    /// <summary>How often the link went down.</summary>
    public long TimesDown { get; private set; }

    /// <summary>Credits that the partner has taken and that no update has given back. At rest the partner's <see cref="Transmitter.CreditsOut"/>.</summary>
    public CreditLimit CreditsTaken(FlowControlClass flowControlClass) => _granted.Out(flowControlClass);

    public long TlpsReceived { get; private set; }

    /// <summary>TLPs that were on the wire when the link went down.</summary>
    public long TlpsLost { get; private set; }

    public long PayloadBytesReceived { get; private set; }

    public long AcksSent { get; private set; }

    public long UpdatesSent { get; private set; }

    /// <param name="tlps">The way of TLPs to the partner.</param>
    /// <param name="dllps">The way of DLLPs: one of its own, as they overtake TLPs that are planned but not yet on the wire.</param>
    public void Connect(ActorRef tlps, ActorRef dllps)
    {
        Transmitter.Connect(tlps);
        _dllps = dllps;
        _isUp = _isReady && _partnerIsThere;
    }

    /// <summary>Before the run: this end is not there yet, until it trains.</summary>
    public void StartAbsent() => _isReady = _isUp = false;

    /// <summary>Before the run: nobody is at the other end yet.</summary>
    public void StartAlone() => _partnerIsThere = _isUp = false;

    /// <summary>This end is there from now on. The link comes up when the other one is too.</summary>
    public void Train(long nowPs)
    {
        if (_isReady) return;
        _isReady = true;
        _attempt++;
        Announce(inReplyTo: 0, nowPs + TrainingTime.Picoseconds);
    }

    /// <summary>This end goes, and the link with it. What waits at the transmitter is for the owner to discard.</summary>
    /// <returns>Whether the link was up.</returns>
    public bool Leave(long nowPs, bool hotReset = false)
    {
        if (!_isReady) return false;
        _isReady = false;
        _attempt++;
        var message = Message.Of(MessageKind.LinkTraining, new LinkTraining(_attempt, 0, IsReady: false, hotReset));
        _dllps?.Tell(in message, nowPs + _propagationPs);
        return GoDown();
    }

    /// <summary>The other end came or went.</summary>
    public LinkChange Hear(in LinkTraining training, long nowPs)
    {
        if (training.Attempt < _partnerAttempt) return LinkChange.None;
        _partnerAttempt = training.Attempt;
        if (!training.IsReady)
        {
            _partnerIsThere = false;
            var wentDown = GoDown();
            return training.IsHotReset ? LinkChange.HotReset : wentDown ? LinkChange.WentDown : LinkChange.None;
        }
        if (training.InReplyTo != 0 && training.InReplyTo != _attempt) return LinkChange.None;
        _partnerIsThere = true;
        if (!_isReady || _isUp) return LinkChange.None;
        if (training.InReplyTo == 0) Announce(inReplyTo: training.Attempt, nowPs);
        Transmitter.Reinitialize();
        _returns = new CreditReturns(_link);
        _granted.Refill();
        _isUp = true;
        return LinkChange.WentUp;
    }

    private void Announce(int inReplyTo, long atPs)
    {
        if (_dllps is null) return;
        var message = Message.Of(MessageKind.LinkTraining, new LinkTraining(_attempt, inReplyTo, IsReady: true, IsHotReset: false));
        Transmitter.SendBehindTlps(in message, atPs);
    }

    private bool GoDown()
    {
        if (!_isUp) return false;
        _isUp = false;
        TimesDown++;
        // Buffers that are still full are freed later, when the partner has long got a new grant that counts them as empty.
        for (var flowControlClass = FlowControlClass.Posted; flowControlClass <= FlowControlClass.Completion; flowControlClass++)
        {
            var (taken, gathered) = (_granted.Out(flowControlClass), _returns.Gathered(flowControlClass));
            _stale.Add(flowControlClass, taken.Headers - gathered.Headers, taken.Data - gathered.Data);
        }
        _ackDuePs = long.MaxValue;
        return true;
    }

    public void Send(ref readonly Tlp tlp, int source, long nowPs, long tailPs = 0)
    {
        SendAckIfDue(nowPs);
        Transmitter.Send(in tlp, source, nowPs, tailPs);
    }

    /// <summary>To be called for each TLP that arrives. Its credits stay taken until <see cref="Freed"/>.</summary>
    /// <returns>False if the link is down: the TLP is lost, and its owner must let its payload go.</returns>
    /// <exception cref="InvalidOperationException">The partner sent without credits, which is a bug of ours.</exception>
    public bool Received(ref readonly Tlp tlp, long nowPs)
    {
        if (!_isUp)
        {
            TlpsLost++;
            return false;
        }
        if (!_granted.TryConsume(tlp.FlowControlClass, CreditCounter.DataCredits(in tlp))) ThrowOverflow(in tlp);
        TlpsReceived++;
        PayloadBytesReceived += tlp.PayloadBytes;
        TakeNote(nowPs);
        return true;
    }

    /// <summary>Credits came back from the partner.</summary>
    public void Returned(in CreditReturn credits, long nowPs)
    {
        if (_isUp) Transmitter.Returned(in credits, nowPs);
    }

    private void TakeNote(long nowPs)
    {
        if (!_realDllps) return;
        SendAckIfDue(nowPs);
        if (_ackDuePs == long.MaxValue) _ackDuePs = nowPs + _ackLimitPs;
    }

    /// <summary>The buffer of one TLP or several is free again; tells the partner when enough have gathered.</summary>
    public void Freed(FlowControlClass flowControlClass, int dataCredits, long nowPs, int headers = 1)
    {
        if (!_stale.IsEmpty) _stale.Absorb(flowControlClass, ref headers, ref dataCredits);
        if (!_isUp) return;
        if (_returns.Freed(flowControlClass, dataCredits, headers)) Update(flowControlClass, nowPs);
    }

    /// <summary>A batch is due. Apart from what is asked for each TLP, as a method clears room on the stack for what it might do.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Update(FlowControlClass flowControlClass, long nowPs)
    {
        _returns.Take(flowControlClass, out var headers, out var dataCredits);
        UpdatesSent++;
        _granted.Return(flowControlClass, headers, dataCredits);
        SendAckIfDue(nowPs);
        var sentPs = _realDllps ? Transmitter.SendDllp(nowPs, _longestTlpPs) : nowPs;
        var message = Message.Of(MessageKind.CreditReturn, new CreditReturn(flowControlClass, headers, dataCredits));
        _dllps!.Tell(in message, sentPs + _propagationPs);
    }

    /// <inheritdoc cref="Freed(FlowControlClass, int, long, int)"/>
    public void Freed(ref readonly Tlp tlp, long nowPs) => Freed(tlp.FlowControlClass, CreditCounter.DataCredits(in tlp), nowPs);

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

    /// <summary>Nothing about the link depends on single TLPs.</summary>
    internal bool AllowsTrains => _isUp && !_realDllps && _stale.IsEmpty;

    /// <summary>On which credits go back to the partner.</summary>
    internal ActorRef? CreditWay => _dllps;

    /// <summary>A train departs that arrives here, and counts by itself until <see cref="Arrive"/>.</summary>
    internal void Depart(TrainLeg leg)
    {
        (leg.State.OwedByReceiver, leg.ReceiverThreshold) = _returns.Batch(leg.Class);
        leg.PropagationPs = _propagationPs;
    }

    /// <summary>What a train counted.</summary>
    internal void Arrive(in LegState leg, FlowControlClass flowControlClass)
    {
        var granted = _granted[flowControlClass];
        var (headers, data) = ((int)(leg.Counters.Received - leg.Counters.ReturnedHeaders), (int)(leg.Counters.ReceivedData - leg.Counters.ReturnedData));
        granted.Take(Math.Max(0, headers), Math.Max(0, data));
        granted.Return(flowControlClass, Math.Max(0, -headers), Math.Max(0, -data));
        _granted.Put(flowControlClass, in granted);
        _returns.Put(flowControlClass, leg.OwedByReceiver);
        TlpsReceived += leg.Counters.Received;
        PayloadBytesReceived += leg.Counters.ReceivedBytes;
        UpdatesSent += leg.Counters.Updates;
    }

    private void ThrowOverflow(in Tlp tlp) => throw new InvalidOperationException($"Invariant: a link carries only what its receiver granted. {tlp} came beyond {_link.Credits[tlp.FlowControlClass]}");

    /// <summary>What buffers of this end hold that filled before the link last went down, in credits of each class.</summary>
    private struct StaleCredits
    {
        private ClassCounts _headers;
        private ClassCounts _data;
        private int _total;

        public readonly bool IsEmpty => _total == 0;

        public void Add(FlowControlClass flowControlClass, int headers, int data)
        {
            _headers[(int)flowControlClass] += headers;
            _data[(int)flowControlClass] += data;
            _total += headers + data;
        }

        /// <summary>Takes from the two numbers what belongs to this.</summary>
        public void Absorb(FlowControlClass flowControlClass, ref int headers, ref int data)
        {
            var oldHeaders = Math.Min(headers, _headers[(int)flowControlClass]);
            var oldData = Math.Min(data, _data[(int)flowControlClass]);
            Add(flowControlClass, -oldHeaders, -oldData);
            headers -= oldHeaders;
            data -= oldData;
        }
    }

    [InlineArray(3)]
    private struct ClassCounts
    {
        private int _first;
    }
}
