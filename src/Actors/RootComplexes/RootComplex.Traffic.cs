using PcieFabric.Engine;
using PcieFabric.InterruptControllers;
using PcieFabric.Links;
using PcieFabric.Ports;
using PcieFabric.Requests;

namespace PcieFabric.RootComplexes;

public sealed partial class RootComplex
{
    /// <summary>Sources of what goes to a root port: another root port, or the processor and the memory.</summary>
    private const int Own = IPortOwner.Own;

    /// <inheritdoc/>
    public void Departed(int source, FlowControlClass flowControlClass, int dataCredits, long atPs)
    {
        if (source >= _ports.Length) _sources.Departed(source - _ports.Length, FlowControlClass.NonPosted, 0, atPs);
        else _sources.Departed(source, flowControlClass, dataCredits, atPs);
    }

    /// <summary>
    /// The source of a read's last completion. Until that has left, the read keeps its place in the receiver: so no more
    /// completions wait than a link's credits allow reads.
    /// </summary>
    private int LastOfRead(int port) => _ports.Length + port;

    private void Learn(int port, Route route)
    {
        var hierarchy = _ports[port].Hierarchy;
        _routes[hierarchy][port - _settings.Hierarchies[hierarchy].FirstPort] = route;
        _ports[port].MaxPayloadSize = route.MaxPayloadSize;
    }

    private void FromPort(int port, ref readonly Tlp tlp)
    {
        Counters.TlpsFromPorts++;
        if (tlp.IsMemoryWrite) Write(port, in tlp);
        else if (tlp.IsCompletion) Complete(port, in tlp);
        // Only the host itself may lock (PCIe 6.0 section 6.5).
        else if (tlp.IsMemoryRequest && !tlp.IsLockedRead) Request(port, in tlp);
        else if (tlp.IsMessage) Hear(port, in tlp);
        else Refuse(port, in tlp, UncorrectableError.UnsupportedRequest);
    }

    private void Write(int port, ref readonly Tlp tlp)
    {
        if (_gateway?.Serves(_ports[port].Hierarchy, tlp.Requester) == true)
        {
            WriteToGuest(port, in tlp);
            return;
        }
        if (HostInterruptController.Window.Contains(tlp.Address))
        {
            Free(port, in tlp);
            var message = Message.Of(in tlp);
            _ports[port].Interrupts.Tell(in message, Context.NowPs + _settings.PortLatency.Picoseconds);
            return;
        }
        if (!_settings.Memory.TryFind(tlp.Address, (ulong)tlp.PayloadBytes, out var region, out var offset))
        {
            ToPeer(port, in tlp);
            return;
        }
        if (tlp.IsPoisoned)
        {
            Counters.PoisonedWrites++;
            Refuse(port, in tlp, UncorrectableError.PoisonedTlpReceived);
            return;
        }
        region.Write(offset, tlp.Payload, tlp.FirstBe, tlp.LastBe);
        Counters.BytesWritten += tlp.PayloadBytes;
        Free(port, in tlp);
        tlp.Release(Context.Payloads);
    }

    /// <summary>Reads and AtomicOps: the data is taken when the memory's latency is over.</summary>
    private void Request(int port, ref readonly Tlp tlp)
    {
        if (_gateway?.Serves(_ports[port].Hierarchy, tlp.Requester) == true)
        {
            RequestOfGuest(port, in tlp);
            return;
        }
        if (!_settings.Memory.TryFind(tlp.Address, (ulong)tlp.ReachBytes, out _, out _))
        {
            ToPeer(port, in tlp);
            return;
        }
        if (tlp.IsPoisoned)
        {
            Refuse(port, in tlp, UncorrectableError.PoisonedTlpReceived);
            return;
        }
        AfterMemoryLatency(port, in tlp);
    }

    private void AfterMemoryLatency(int port, ref readonly Tlp tlp)
    {
        if (!tlp.IsMemoryRead) Free(port, in tlp);
        var message = Message.Of(in tlp);
        _ports[port].Reads.Tell(in message, Context.NowPs + _settings.MemoryLatency.Picoseconds);
    }

    private void AnswerRead(int port, ref readonly Tlp request)
    {
        if (_gateway?.Serves(_ports[port].Hierarchy, request.Requester) == true || !_settings.Memory.TryFind(request.Address, (ulong)request.ReachBytes, out var region, out var offset))
        {
            // Also where a guest has gone since, whose addresses are not the host's.
            AnswerGuest(port, in request);
            return;
        }
        ref var own = ref _ports[port];
        if (request.IsDeferrableWrite)
        {
            region.Write(offset, request.Payload, request.FirstBe, request.LastBe);
            var done = Tlp.CompletionFor(in request, _requesters[_ports[port].Hierarchy].Id, CompletionStatus.SuccessfulCompletion);
            own.Transmitter.Send(in done, Own, Context.NowPs);
            request.Release(Context.Payloads);
            return;
        }
        foreach (var part in new CompletionSplitter(in request, own.MaxPayloadSize, _settings.ReadCompletionBoundary))
        {
            var completion = Tlp.CompletionWithData(in request, _requesters[_ports[port].Hierarchy].Id, part.OffsetDw, part.LengthDw, Context.Payloads);
            if (request.IsAtomic) AtomicUnit.Execute(in request, region.Span(offset, request.ReachBytes), completion.WritablePayload);
            else region.Read(offset + part.OffsetDw * 4, completion.WritablePayload);
            Counters.BytesRead += completion.PayloadBytes;
            SendPart(port, in request, in completion, isLast: part.OffsetDw + part.LengthDw == request.LengthDw);
        }
        request.Release(Context.Payloads);
    }

    private void Complete(int port, ref readonly Tlp completion)
    {
        var hierarchy = _ports[port].Hierarchy;
        if (completion.Requester == _requesters[hierarchy].Id)
        {
            Free(port, in completion);
            _requesters[hierarchy].Completed(in completion);
            return;
        }
        if (completion.Requester == CrossingId)
        {
            CompleteCrossing(port, in completion);
            return;
        }
        var peer = _routes[hierarchy].ByBus(completion.Requester.Bus);
        if (peer != RouteTable.None)
        {
            Forward(port, _settings.Hierarchies[hierarchy].FirstPort + peer, in completion);
            return;
        }
        Counters.UnexpectedCompletions++;
        Free(port, in completion);
        completion.Release(Context.Payloads);
    }

    /// <summary>A request that is for neither memory nor processor: for a device below a root port, if the root complex forwards such.</summary>
    private void ToPeer(int port, ref readonly Tlp tlp)
    {
        var own = _ports[port].Hierarchy;
        var hierarchy = _settings.Hierarchies[own];
        var peer = _routes[own].ByAddress(tlp.Address);
        var to = peer != RouteTable.None ? hierarchy.FirstPort + peer : hierarchy.PeerToPeer == PeerToPeerPolicy.Full ? PortAcross(own, tlp.Address) : RouteTable.None;
        if (to == RouteTable.None)
        {
            Refuse(port, in tlp, UncorrectableError.UnsupportedRequest);
            return;
        }
        // What a root port sends of its own accord it never received, so its controls do not apply.
        ref readonly var access = ref _ports[port].Access;
        var routing = !_holdsCredits || access.IsOff ? PeerRouting.Direct : to == port ? PeerRouting.Redirected : access.RouteRequest(in tlp, peer);
        if (routing == PeerRouting.Redirected) Counters.TlpsRedirected++;
        if (routing == PeerRouting.Violation) Refuse(port, in tlp, UncorrectableError.AcsViolation);
        else if (!hierarchy.PeerToPeer.Allows(in tlp)) Refuse(port, in tlp, routing == PeerRouting.Redirected ? UncorrectableError.AcsViolation : UncorrectableError.UnsupportedRequest);
        else if (!_guards[own].Admits(in tlp)) Refuse(port, in tlp, UncorrectableError.UnsupportedRequest);
        else if (peer == RouteTable.None) Cross(port, to, in tlp);
        else Forward(port, to, in tlp);
    }

    private void Forward(int from, int to, ref readonly Tlp tlp)
    {
        Counters.TlpsBetweenPorts++;
        if (tlp.PayloadBytes > _ports[to].MaxPayloadSize) Split(from, to, in tlp);
        else _ports[to].Transmitter.Send(in tlp, _holdsCredits ? from : Own, Context.NowPs);
    }

    /// <summary>The last share keeps the header credit until it has left, which bounds how many wait.</summary>
    private void Split(int from, int to, ref readonly Tlp tlp)
    {
        for (var offset = 0; offset < tlp.LengthDw;)
        {
            var length = tlp.ShareLengthDw(offset, _ports[to].MaxPayloadSize);
            var share = tlp.Share(offset, length, Context.Payloads);
            offset += length;
            var holdsCredits = _holdsCredits && offset == tlp.LengthDw;
            if (holdsCredits) _sources.Departed(from, tlp.FlowControlClass, CreditCounter.DataCredits(in tlp) - CreditCounter.DataCredits(in share), Context.NowPs, headers: 0);
            _ports[to].Transmitter.Send(in share, holdsCredits ? from : Own, Context.NowPs);
        }
        tlp.Release(Context.Payloads);
    }

    /// <summary>Hands a request back to its root port, which has the registers that log such errors. What the port made itself is dropped.</summary>
    private void Refuse(int port, ref readonly Tlp request, UncorrectableError error)
    {
        if (error == UncorrectableError.UnsupportedRequest) Counters.UnsupportedRequests++;
        else if (error == UncorrectableError.AcsViolation) Counters.AcsViolations++;
        if (!_holdsCredits)
        {
            request.Release(Context.Payloads);
            return;
        }
        var refused = Message.OfRefused(in request, error);
        _ports[port].Refusals.Tell(in refused, Context.NowPs + _settings.PortLatency.Picoseconds);
    }

    /// <summary>INTx goes to the interrupt controller; of others a root complex takes note (PCIe 6.0 section 2.2.8).</summary>
    private void Hear(int port, ref readonly Tlp message)
    {
        Free(port, in message);
        if (message.MessageCode is >= (byte)MessageCode.Assert_INTA and <= (byte)MessageCode.Deassert_INTD)
        {
            var line = Message.Of(in message);
            _ports[port].Interrupts.Tell(in line, Context.NowPs + _settings.PortLatency.Picoseconds);
            return;
        }
        Counters.MessagesReceived++;
        message.Release(Context.Payloads);
    }

    /// <summary>The TLP in hand is consumed: its root port may tell its link partner, if it came from there.</summary>
    private void Free(int port, ref readonly Tlp tlp)
    {
        if (_holdsCredits) _sources.Departed(port, in tlp, Context.NowPs);
    }

    private void Fired(Engine.Timer timer)
    {
        switch (timer.Id)
        {
            case Requester.TimerId:
                _requesters[(int)timer.Argument].TimerFired();
                break;
            case Alarms.TimerId:
                _alarms!.Fired(timer.Argument);
                break;
            default:
                foreach (var program in _programs) _software.Run(new Program(this, program));
                break;
        }
    }

    private sealed class Program(RootComplex owner, Func<Host, Task> code) : ActorSynchronizationContext.IAwaited
    {
        public void Resume() => owner._tasks.Watch(code(owner._host!));
    }
}
