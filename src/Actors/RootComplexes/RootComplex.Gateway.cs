using PcieFabric.ConfigSpaces.Capabilities;
using PcieFabric.Engine;
using PcieFabric.Requests;

namespace PcieFabric.RootComplexes;

/// <content>Requests of functions that somebody outside uses, for whom a gateway answers.</content>
public sealed partial class RootComplex
{
    private IGateway? _gateway;
    private Message _input;
    private Action? _takeInput;

    /// <summary>Where what comes from outside is injected; null in a fabric without gateways.</summary>
    public ActorRef? Inputs { get; private set; }

    /// <summary>Inlet of a channel from the root complex to itself, on which inputs come.</summary>
    public int InletOfInputs => _interruptInlet + 2;

    public void ConnectInputs(ActorRef inputs) => Inputs = inputs;

    /// <summary>Before the first run.</summary>
    public void Join(IGateway gateway)
    {
        _gateway = gateway;
        _takeInput = () => _gateway.Take(in _input);
        gateway.Join(_host!, Context);
    }

    /// <summary>Ends a read that the gateway took.</summary>
    /// <param name="data">The whole DWs that it asked for; empty if they cannot be had.</param>
    public void Answer(int port, ref readonly Tlp request, ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty) Counters.UnsupportedRequests++;
        if (data.IsEmpty) AnswerUnsupported(port, in request);
        else
        {
            foreach (var part in new CompletionSplitter(in request, _ports[port].MaxPayloadSize, _settings.ReadCompletionBoundary))
            {
                var completion = Tlp.CompletionWithData(in request, _requesters[_ports[port].Hierarchy].Id, part.OffsetDw, part.LengthDw, Context.Payloads);
                data.Slice(part.OffsetDw * 4, part.LengthDw * 4).CopyTo(completion.WritablePayload);
                SendPart(port, in request, in completion, isLast: part.OffsetDw + part.LengthDw == request.LengthDw);
            }
        }
        request.Release(Context.Payloads);
    }

    private void TakeInput(ref readonly Message input)
    {
        // Copied, as what a gateway begins is begun in a turn of the software, which takes no reference.
        _input = input;
        _software.RunTurn(_takeInput ?? throw new InvalidOperationException("Invariant: an input came where there is no gateway"));
    }

    private GuestPlace PlaceOf(int port, ref readonly Tlp request)
    {
        var hierarchy = _ports[port].Hierarchy;
        var place = _gateway!.Find(hierarchy, in request);
        if (place.Kind != GuestPlaceKind.PeerOrMemory) return place;
        return _routes[hierarchy].ByAddress(request.Address) == Ports.RouteTable.None
            ? place with { Kind = GuestPlaceKind.Memory }
            : place with { Kind = GuestPlaceKind.Peer, PeerAddress = request.Address };
    }

    private void WriteToGuest(int port, ref readonly Tlp write)
    {
        var place = PlaceOf(port, in write);
        switch (place.Kind)
        {
            case GuestPlaceKind.Peer:
                var moved = write.WithAddress(place.PeerAddress);
                ToPeer(port, in moved);
                return;
            case GuestPlaceKind.None:
                Refuse(port, in write, UncorrectableError.UnsupportedRequest);
                return;
        }
        if (write.IsPoisoned)
        {
            Counters.PoisonedWrites++;
            Refuse(port, in write, UncorrectableError.PoisonedTlpReceived);
            return;
        }
        if (place.Kind == GuestPlaceKind.Interrupt)
        {
            _gateway!.Interrupt(place.Guest, in write);
        }
        else if (_gateway!.Write(place.Guest, in write) == MemoryOutcome.Fault)
        {
            Refuse(port, in write, UncorrectableError.UnsupportedRequest);
            return;
        }
        else
        {
            Counters.BytesWritten += write.PayloadBytes;
        }
        Free(port, in write);
        write.Release(Context.Payloads);
    }

    /// <summary>Reads and AtomicOps. As with the host's own memory, the data is taken when the memory's latency is over.</summary>
    private void RequestOfGuest(int port, ref readonly Tlp request)
    {
        var place = PlaceOf(port, in request);
        if (place.Kind == GuestPlaceKind.Peer)
        {
            var moved = request.WithAddress(place.PeerAddress);
            ToPeer(port, in moved);
        }
        else if (place.Kind != GuestPlaceKind.Memory) Refuse(port, in request, UncorrectableError.UnsupportedRequest);
        else if (request.IsPoisoned) Refuse(port, in request, UncorrectableError.PoisonedTlpReceived);
        else AfterMemoryLatency(port, in request);
    }

    /// <summary>The guest may have gone while the request was on its way.</summary>
    private void AnswerGuest(int port, ref readonly Tlp request)
    {
        var place = _gateway?.Serves(_ports[port].Hierarchy, request.Requester) == true ? PlaceOf(port, in request) : default;
        if (place.Kind != GuestPlaceKind.Memory) Answer(port, in request, []);
        else if (request.IsMemoryRead) AnswerReadOfGuest(port, place.Guest, in request);
        else AnswerChange(port, place.Guest, in request);
    }

    private void AnswerReadOfGuest(int port, int guest, ref readonly Tlp request)
    {
        Span<byte> data = stackalloc byte[request.ReachBytes];
        switch (_gateway!.Read(guest, request.Address, data))
        {
            case MemoryOutcome.Done:
                Counters.BytesRead += data.Length;
                Answer(port, in request, data);
                break;
            case MemoryOutcome.Later:
                _gateway.Defer(guest, port, in request);
                break;
            default:
                Answer(port, in request, []);
                break;
        }
    }

    /// <summary>An AtomicOp, or a write that is answered. Only memory that is at hand has the former, and the guest's own processors are not kept out meanwhile.</summary>
    private void AnswerChange(int port, int guest, ref readonly Tlp request)
    {
        Span<byte> memory = stackalloc byte[request.ReachBytes];
        var outcome = request.IsDeferrableWrite ? _gateway!.Write(guest, in request) : _gateway!.Read(guest, request.Address, memory);
        if (outcome != MemoryOutcome.Done)
        {
            Answer(port, in request, []);
            return;
        }
        var completer = _requesters[_ports[port].Hierarchy].Id;
        if (request.IsDeferrableWrite)
        {
            var done = Tlp.CompletionFor(in request, completer, CompletionStatus.SuccessfulCompletion);
            _ports[port].Transmitter.Send(in done, Own, Context.NowPs);
        }
        else
        {
            var completion = Tlp.CompletionWithData(in request, completer, 0, request.AnswerLengthDw, Context.Payloads);
            AtomicUnit.Execute(in request, memory, completion.WritablePayload);
            var changed = Tlp.MemoryWrite(request.Requester, request.Address, memory, Context.Payloads);
            _gateway.Write(guest, in changed);
            changed.Release(Context.Payloads);
            _ports[port].Transmitter.Send(in completion, Own, Context.NowPs);
        }
        request.Release(Context.Payloads);
    }

    private void AnswerUnsupported(int port, ref readonly Tlp request)
    {
        var refusal = Tlp.CompletionFor(in request, _requesters[_ports[port].Hierarchy].Id, CompletionStatus.UnsupportedRequest);
        SendPart(port, in request, in refusal, isLast: true);
    }

    private void SendPart(int port, ref readonly Tlp request, ref readonly Tlp completion, bool isLast) =>
        _ports[port].Transmitter.Send(in completion, request.IsMemoryRead && isLast ? LastOfRead(port) : Own, Context.NowPs);
}
