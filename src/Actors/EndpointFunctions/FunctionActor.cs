using System.Buffers.Binary;
using PcieFabric.AddressTranslation;
using PcieFabric.Endpoints;
using PcieFabric.Engine;
using PcieFabric.Links;
using PcieFabric.Ports;
using PcieFabric.Requests;

namespace PcieFabric.EndpointFunctions;

/// <summary>Runs an <see cref="EndpointFunction"/> as an actor beside its endpoint.</summary>
public sealed class FunctionActor : Actor, IPortOwner, IRequestPath, ITrainPath, ITrainStop
{
    public const int EndpointInlet = 1;

    /// <summary>What a function's own fields commonly are: two lines of a cache.</summary>
    private const int BytesOfFunction = 128;

    private readonly EndpointFunction _function;
    private readonly FunctionSoftware _software;
    private readonly Transmitter _toEndpoint;
    private readonly bool _startsWhenTold;
    private AddressTranslationCache? _translations;
    private bool _hasStarted;

    /// <param name="credits">What the endpoint buffers for this function, ahead of the link.</param>
    /// <param name="startsWhenTold">The function's code starts when the endpoint first tells of the function's state; until then the actor does nothing.</param>
    public FunctionActor(EndpointFunction function, SimTime latency, in CreditLimits credits, bool startsWhenTold = false)
    {
        _startsWhenTold = startsWhenTold;
        _function = function;
        _software = new FunctionSoftware(this);
        _toEndpoint = new Transmitter(this, latency, in credits);
        function.Attach(this);
    }

    public SimTime Now => new(Context.NowPs);

    public EndpointFunction Function => _function;

    internal DeterministicRandom Random => Context.Random;

    internal bool IsBusMaster => _software.State.MayInitiate;

    internal Requester Requester => _software.Requester;

    internal PayloadPool Payloads => Context.Payloads;

    internal Alarms Alarms => _software.Alarms;

    public void Connect(ActorRef endpoint) => _toEndpoint.Connect(endpoint);

    protected override void Started()
    {
        _software.Attach(Context);
        if (!_startsWhenTold) Context.Schedule(1, default);
    }

    public override void Receive(ref readonly Message message)
    {
        switch (message.Kind)
        {
            case MessageKind.Tlp when message.Tlp.IsCompletion:
                _software.Completed(in message.Tlp);
                break;
            case MessageKind.Tlp when message.Tlp.IsMessage:
                Hear(in message.Tlp);
                break;
            case MessageKind.Tlp:
                _software.Turns.Run(new RegisterAccess(this, message.Tlp, new BarHit(message.Detail)));
                break;
            case MessageKind.CreditReturn:
                _toEndpoint.Returned(message.Read<CreditReturn>(), Context.NowPs);
                _software.Issue();
                break;
            case MessageKind.FunctionState:
                Adopt(message.Read<FunctionState>());
                break;
            case MessageKind.Timer:
                Fired(message.Read<Engine.Timer>());
                break;
            default:
                throw new InvalidOperationException($"Invariant: {Context.Path} got a {message.Kind}");
        }
        _software.RunTurn();
    }

    internal override void Foresee(ref readonly Message message)
    {
        Foresight.Fetch(_function, 0, BytesOfFunction);
        if (message.Kind == MessageKind.Timer) _software.Foresee(message.Read<Engine.Timer>());
    }

    /// <summary>The function's code failed: what the host still asks of it is aborted, and what it had asked is let go.</summary>
    public override void ReceiveStopped(ref readonly Message message)
    {
        if (message.Kind == MessageKind.CreditReturn) _toEndpoint.Returned(message.Read<CreditReturn>(), Context.NowPs);
        if (message.Kind != MessageKind.Tlp) return;
        if (message.Tlp.IsMessage) AnswerInvalidateRequest(in message.Tlp);
        if (message.Tlp.FlowControlClass == FlowControlClass.NonPosted)
        {
            Abort(in message.Tlp);
        }
        message.Tlp.Release(Context.Payloads);
    }

    bool IRequestPath.IsOpen(in Tlp request) => _toEndpoint.IsOpenTo(request.FlowControlClass);

    void IRequestPath.Send(ref readonly Tlp request) => _toEndpoint.Send(in request, 0, Context.NowPs);

    /// <summary>What is none of the requester's stays behind what the requester has begun.</summary>
    internal void Send(ref readonly Tlp tlp)
    {
        _software.ReleaseHeld();
        _toEndpoint.Send(in tlp, 0, Context.NowPs);
    }

    TrainRoute? ITrainPath.FindRoute(in Tlp sample, AddressRange range) => TrainRoute.From(this, _toEndpoint, 0, in sample, range);

    bool ITrainStop.TryPass(TrainRoute route, int inlet) => route.IsBackAt(this);

    void IRequestPath.TimedOut(int requests) => Signal(new FunctionSignal(0, IsLevel: false, Asserted: false, requests));

    void IPortOwner.Departed(int source, FlowControlClass flowControlClass, int dataCredits, long atPs)
    {
    }

    internal void Signal(FunctionSignal signal)
    {
        var tlp = signal.ToTlp(_software.State.Id);
        Send(in tlp);
    }

    internal ValueTask<RequestResult> Atomic(AtomicOperation operation, ulong address, ReadOnlySpan<byte> operands) =>
        Requester.SendAsync(Tlp.Atomic(operation, _software.State.Id, 0, address, operands, Context.Payloads));

    internal void LimitOutstanding(int requests) => _software.LimitOutstanding(requests);

    internal void UseAddressTranslation(int entries, int ways)
    {
        _translations = new AddressTranslationCache(Requester, _software.Turns, Watch, new TranslationCache(entries, ways));
        Requester.Translator = _translations;
        _translations.Enable(_software.State.AtsShift != 0, 1ul << _software.State.AtsShift);
    }

    internal AddressTranslationCache? Translations => _translations;

    /// <summary>Messages to the function itself: a translation agent wants translations forgotten. A function that caches none has forgotten them.</summary>
    private void Hear(ref readonly Tlp message)
    {
        if ((MessageCode)message.MessageCode != MessageCode.Invalidate_Request) message.Release(Context.Payloads);
        else if (_translations is null)
        {
            AnswerInvalidateRequest(in message);
            message.Release(Context.Payloads);
        }
        else
        {
            var request = InvalidateRequest.Of(in message);
            _translations.Invalidate(in request, new Invalidated(this, request.Tag, message.Requester));
            message.Release(Context.Payloads);
        }
    }

    private void AnswerInvalidateRequest(ref readonly Tlp message)
    {
        if ((MessageCode)message.MessageCode == MessageCode.Invalidate_Request) SendInvalidateCompletion(InvalidateRequest.Of(in message).Tag, message.Requester);
    }

    /// <summary>Posted, so that it arrives behind all writes with the old translations (PCIe 6.0 section 10.3.2).</summary>
    private void SendInvalidateCompletion(int tag, Bdf agent)
    {
        var completion = new InvalidateCompletion(1u << tag).ToTlp(_software.State.Id, agent);
        Send(in completion);
    }

    private sealed class Invalidated(FunctionActor owner, int tag, Bdf agent) : ActorSynchronizationContext.IAwaited
    {
        public void Resume() => owner.SendInvalidateCompletion(tag, agent);
    }

    private void Adopt(FunctionState state)
    {
        _software.Adopt(state);
        if (state.WasReset) _software.Turns.Run(new Code(this, static function => function.Reset()));
        _translations?.Enable(state.AtsShift != 0, 1ul << state.AtsShift);
        if (!_startsWhenTold || _hasStarted) return;
        _hasStarted = true;
        _software.Start(_function.RunAsync);
    }

    private void Fired(Engine.Timer timer)
    {
        if (!_software.Fired(timer)) _software.Start(_function.RunAsync);
    }

    internal void Watch(Task task) => _software.Watch(task);

    private sealed class Code(FunctionActor owner, Action<EndpointFunction> code) : ActorSynchronizationContext.IAwaited
    {
        public void Resume() => code(owner._function);
    }

    /// <summary>A read or write of registers, in a turn because the function's code may go on from it.</summary>
    private sealed class RegisterAccess(FunctionActor owner, Tlp request, BarHit hit) : ActorSynchronizationContext.IAwaited
    {
        public void Resume()
        {
            try
            {
                owner.Access(in request, hit);
            }
            catch
            {
                // The supervisor stops the function; the host that asked is told, as it will be from then on.
                if (request.FlowControlClass == FlowControlClass.NonPosted) owner.Abort(in request);
                throw;
            }
            finally
            {
                request.Release(owner.Context.Payloads);
            }
        }
    }

    private void Abort(ref readonly Tlp request)
    {
        var answer = Tlp.CompletionFor(in request, _software.State.Id, CompletionStatus.CompleterAbort);
        Send(in answer);
    }

    private void Access(ref readonly Tlp request, BarHit hit)
    {
        var bar = hit.Bar;
        var offset = hit.OffsetOf(request.Address);
        if (request.HasData)
        {
            for (var i = 0; i < request.LengthDw; i++)
            {
                var enables = i == 0 ? request.FirstBe : i == request.LengthDw - 1 ? request.LastBe : 15;
                if (enables != 0) _function.WriteRegister(bar, offset + (ulong)i * 4, BinaryPrimitives.ReadUInt32LittleEndian(request.Payload[(i * 4)..]), enables);
            }
            if (request.FlowControlClass == FlowControlClass.Posted) return;
            var done = Tlp.CompletionFor(in request, _software.State.Id, CompletionStatus.SuccessfulCompletion);
            Send(in done);
        }
        else
        {
            foreach (var part in new CompletionSplitter(in request, _software.State.MaxPayloadBytes, 128))
            {
                var answer = Tlp.CompletionWithData(in request, _software.State.Id, part.OffsetDw, part.LengthDw, Context.Payloads);
                try
                {
                    // A zero-length read only asks whether all before it has arrived; it must not have the effects of one.
                    for (var i = 0; i < part.LengthDw; i++)
                        BinaryPrimitives.WriteUInt32LittleEndian(answer.WritablePayload[(i * 4)..], request.FirstBe == 0 ? 0 : _function.ReadRegister(bar, offset + (ulong)(part.OffsetDw + i) * 4));
                }
                catch
                {
                    answer.Release(Context.Payloads);
                    throw;
                }
                Send(in answer);
            }
        }
    }
}
