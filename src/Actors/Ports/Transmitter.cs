using System.Runtime.CompilerServices;
using PcieFabric.Engine;
using PcieFabric.Links;

namespace PcieFabric.Ports;

/// <summary>
/// The sending end of a credited path: a TLP goes as soon as its receiver's credits, the ordering rules and the wire allow, and waits
/// in order until then. With credits in hand a TLP is given its time on the wire at once, so a busy wire costs no further message;
/// its place at the source is freed only when it really leaves, which is what bounds the backlog.
/// </summary>
public sealed class Transmitter
{
    private readonly IPortOwner _owner;
    private readonly long _latencyPs;
    private readonly bool _hasWire;
    private readonly bool _receiverCutsThrough;
    private TransmitQueue? _queue;
    private CreditCounter _credits;
    private WireClock _wire;
    private ActorRef? _receiver;

    /// <summary>A direction of a link.</summary>
    /// <param name="receiverCutsThrough">The receiver acts on a TLP's head, and is told when the tail follows.</param>
    public Transmitter(IPortOwner owner, LinkSettings link, bool receiverCutsThrough)
    {
        _owner = owner;
        _latencyPs = link.Propagation.Picoseconds;
        _hasWire = true;
        _receiverCutsThrough = receiverCutsThrough;
        _credits = new CreditCounter(link.Credits);
        _wire = new WireClock(link);
    }

    /// <summary>A path inside a component: a latency, a bounded number of TLPs, no wire.</summary>
    public Transmitter(IPortOwner owner, SimTime latency, in CreditLimits credits)
    {
        _owner = owner;
        _latencyPs = latency.Picoseconds;
        _credits = new CreditCounter(credits);
    }

    public void Connect(ActorRef receiver) => _receiver = receiver;

    /// <summary>TLPs that wait for credits.</summary>
    public int Waiting => _queue?.Count ?? 0;

    /// <summary>
    /// Whether a request should come now rather than wait where it is. What waits of a later class holds up nobody: posted requests flow
    /// past non-posted ones that have no credits (PCIe 6.0 table 2-42, A3 and A4).
    /// </summary>
    public bool IsOpenTo(FlowControlClass flowControlClass) =>
        _queue is null || _queue.IsEmpty || (_queue.CountOf(FlowControlClass.Posted) == 0 && _queue.CountOf(flowControlClass) == 0);

    /// <summary>Credits that the receiver has not given back.</summary>
    public CreditLimit CreditsOut(FlowControlClass flowControlClass) => _credits.Out(flowControlClass);

    public long TlpsSent { get; private set; }

    public long PayloadBytesSent { get; private set; }

    /// <summary>Sends now, or as soon as may be.</summary>
    /// <param name="source">Given back by <see cref="IPortOwner.Departed"/>.</param>
    /// <param name="tailPs">How long after now the TLP's tail is here: nothing leaves before it has come.</param>
    public void Send(ref readonly Tlp tlp, int source, long nowPs, long tailPs = 0)
    {
        if (_queue is null || _queue.IsEmpty)
        {
            var flowControlClass = tlp.FlowControlClass;
            var dataCredits = CreditCounter.DataCredits(in tlp);
            if (_credits.TryConsume(flowControlClass, dataCredits))
            {
                Depart(in tlp, source, flowControlClass, dataCredits, nowPs, tailPs);
                return;
            }
        }
        // Most ports of a large fabric never have to wait.
        _queue ??= new TransmitQueue();
        _queue.Enqueue(in tlp, source, nowPs + tailPs);
        if (_queue.Count > 1) SendWhatMayGo(nowPs);
    }

    /// <summary>Whether a TLP would go at once.</summary>
    public bool HasCredits(FlowControlClass flowControlClass, int dataCredits) => _credits.CanConsume(flowControlClass, dataCredits);

    /// <summary>Inside a component: sends what can go at once, and what the receiver needs beside it.</summary>
    /// <exception cref="InvalidOperationException">There are no credits, or others wait for them.</exception>
    public void SendAtOnce(ref readonly Tlp tlp, uint detail, long nowPs)
    {
        if (_hasWire || Waiting > 0 || !_credits.TryConsume(tlp.FlowControlClass, CreditCounter.DataCredits(in tlp)))
            throw new InvalidOperationException("Invariant: who lets nothing wait sends within its credits");
        TlpsSent++;
        PayloadBytesSent += tlp.PayloadBytes;
        _receiver!.Tell(in tlp, detail, nowPs + _latencyPs);
    }

    /// <summary>The receiver has room again.</summary>
    public void Returned(in CreditReturn credits, long nowPs)
    {
        _credits.Return(credits.FlowControlClass, credits.Headers, credits.Data);
        if (Waiting > 0) SendWhatMayGo(nowPs);
    }

    /// <summary>Takes what waits, the oldest first: the link is down, and it will not go.</summary>
    public bool TryDiscard(out Tlp tlp, out int source)
    {
        if (_queue is not null) return _queue.TryDiscard(out tlp, out source);
        Unsafe.SkipInit(out tlp);
        source = 0;
        return false;
    }

    /// <summary>The receiver starts anew, with all that it once granted.</summary>
    /// <exception cref="InvalidOperationException">TLPs still wait.</exception>
    public void Reinitialize()
    {
        if (Waiting > 0) throw new InvalidOperationException("Invariant: a link is drained before its credits start anew");
        _credits.Refill();
    }

    /// <summary>Tells the receiver something that stays behind all TLPs that were sent.</summary>
    public void SendBehindTlps(in Message message, long nowPs) => _receiver!.Tell(in message, Math.Max(nowPs, _wire.FreeAtPs) + _latencyPs);

    /// <summary>Puts a packet that is no TLP on the wire.</summary>
    /// <returns>When its last bit is out: after what is on the wire, ahead of what is only planned.</returns>
    public long SendDllp(long nowPs, long longestTlpPs)
    {
        var free = _wire.FreeAtPs;
        _wire.Transmit(nowPs, DllpOverhead.DllpBytes, out var start, out var end);
        return Math.Max(nowPs, Math.Min(free, nowPs + longestTlpPs)) + (end - start);
    }

    public long DurationPs(int wireBytes) => _wire.DurationPs(wireBytes);

    private void SendWhatMayGo(long nowPs)
    {
        while (_queue!.TryDequeue(ref _credits, out var place))
        {
            ref readonly var next = ref _queue[place];
            Depart(in next.Tlp, next.Source, next.Tlp.FlowControlClass, next.DataCredits, nowPs, Math.Max(0, next.ReadyAtPs - nowPs));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Depart(ref readonly Tlp tlp, int source, FlowControlClass flowControlClass, int dataCredits, long nowPs, long tailPs)
    {
        TlpsSent++;
        PayloadBytesSent += tlp.PayloadBytes;
        Plan(ref _wire, _hasWire ? TlpWireSize.Bytes(in tlp) : 0, nowPs, ref tailPs, out var freePs, out var arrivesPs);
        _receiver!.Tell(in tlp, (uint)tailPs, arrivesPs);
        if (source != IPortOwner.Own) _owner.Departed(source, flowControlClass, dataCredits, freePs);
    }

    /// <summary>Gives a TLP its time.</summary>
    /// <param name="tailPs">In: how long after now its tail is here. Out: how long after its arrival its tail arrives.</param>
    /// <param name="freePs">When its place here is free.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Plan(ref WireClock wire, int wireBytes, long nowPs, ref long tailPs, out long freePs, out long arrivesPs)
    {
        if (!_hasWire)
        {
            freePs = nowPs + tailPs;
            arrivesPs = freePs + _latencyPs;
            tailPs = 0;
            return;
        }
        var readyPs = tailPs > 0 ? Math.Max(nowPs, nowPs + tailPs - wire.DurationPs(wireBytes)) : nowPs;
        wire.Transmit(readyPs, wireBytes, out var startPs, out freePs);
        tailPs = _receiverCutsThrough ? freePs - startPs : 0;
        arrivesPs = freePs - tailPs + _latencyPs;
    }

    internal bool ReceiverCutsThrough => _receiverCutsThrough;

    internal long LatencyPs => _latencyPs;

    /// <summary>A train departs here, and counts by itself until <see cref="Arrive"/>.</summary>
    internal void Depart(ref LegState leg, FlowControlClass flowControlClass, long nowPs)
    {
        (leg.Credits, leg.Wire, leg.LastDeparted) = (_credits[flowControlClass], _wire, new TrainTime(nowPs, 0));
        // A wire that has been free for long is like one that just got free.
        if (leg.Wire.FreeAtPs < nowPs) leg.Wire.MoveTo(nowPs - 1, 0);
        (leg.HasWire, leg.WireShare, leg.BusyFor) = (_hasWire, leg.Wire.Fraction, TrainLeg.BusyForOwnShare);
    }

    /// <summary>What a train counted.</summary>
    internal void Arrive(in LegState leg, FlowControlClass flowControlClass)
    {
        _credits.Put(flowControlClass, in leg.Credits);
        _wire = leg.Wire;
        TlpsSent += leg.Counters.Sent;
        PayloadBytesSent += leg.Counters.SentBytes;
    }

    /// <summary>Where TLPs go from here.</summary>
    internal ActorRef? Way => _receiver;

    /// <summary>Takes what waits, the oldest first, to let it go with a train.</summary>
    internal bool TryTakeWaiting(out Tlp tlp, out int source, out long readyAtPs)
    {
        if (_queue is not null) return _queue.TryDiscard(out tlp, out source, out readyAtPs);
        Unsafe.SkipInit(out tlp);
        (source, readyAtPs) = (0, 0);
        return false;
    }

    /// <summary>It waits again.</summary>
    internal void PutWaiting(in Tlp tlp, int source, long readyAtPs) => (_queue ??= new TransmitQueue()).Enqueue(in tlp, source, readyAtPs);
}
