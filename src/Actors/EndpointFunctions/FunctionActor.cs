using System.Buffers.Binary;
using PcieFabric.AddressTranslation;
using PcieFabric.Endpoints;
using PcieFabric.Engine;
using PcieFabric.Links;
using PcieFabric.Ports;
using PcieFabric.Requests;

namespace PcieFabric.EndpointFunctions;

/// <summary>Runs an <see cref="EndpointFunction"/> as an actor beside its endpoint.</summary>
public sealed class FunctionActor : Actor, IPortOwner, IRequestPath
{
    public const int EndpointInlet = 1;

    private readonly EndpointFunction _function;
    private readonly ActorSynchronizationContext _software = new();
    private readonly Transmitter _toEndpoint;
    private readonly SoftwareTasks _tasks;
    private Requester? _requester;
    private Alarms? _alarms;
    private AddressTranslationCache? _translations;
    private FunctionState _state;
    private int _tagLimit = Limits.MaxTags;

    /// <summary>Other tags are to be used once those in use are back.</summary>
    private bool _tagsStale;

    /// <param name="credits">What the endpoint buffers for this function, ahead of the link.</param>
    public FunctionActor(EndpointFunction function, SimTime latency, in CreditLimits credits)
    {
        _function = function;
        _tasks = new SoftwareTasks(_software);
        _toEndpoint = new Transmitter(this, latency, in credits);
        function.Attach(this);
    }

    public SimTime Now => new(Context.NowPs);

    public EndpointFunction Function => _function;

    internal DeterministicRandom Random => Context.Random;

    internal bool IsBusMaster => _state.MayInitiate;

    /// <summary>Made when the function first asks for it: most functions of a large fabric never do.</summary>
    internal Requester Requester => _requester ??= MakeRequester();

    internal PayloadPool Payloads => Context.Payloads;

    internal Alarms Alarms => _alarms ??= new Alarms(Context, _software);

    public void Connect(ActorRef endpoint) => _toEndpoint.Connect(endpoint);

    protected override void Started() => Context.Schedule(1, default);

    public override void Receive(ref readonly Message message)
    {
        switch (message.Kind)
        {
            case MessageKind.Tlp when message.Tlp.IsCompletion:
                Requester.Completed(in message.Tlp);
                if (_tagsStale) UseTags();
                break;
            case MessageKind.Tlp when message.Tlp.IsMessage:
                Hear(in message.Tlp);
                break;
            case MessageKind.Tlp:
                _software.Run(new RegisterAccess(this, message.Tlp, new BarHit(message.Detail)));
                break;
            case MessageKind.CreditReturn:
                _toEndpoint.Returned(message.Read<CreditReturn>(), Context.NowPs);
                _requester?.Issue();
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
        _tasks.RunTurn();
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

    public void Send(ref readonly Tlp request) => _toEndpoint.Send(in request, 0, Context.NowPs);

    void IPortOwner.Departed(int source, FlowControlClass flowControlClass, int dataCredits, long atPs)
    {
    }

    internal void Signal(FunctionSignal signal)
    {
        var tlp = signal.ToTlp(_state.Id);
        Send(in tlp);
    }

    internal ValueTask<RequestResult> Atomic(AtomicOperation operation, ulong address, ReadOnlySpan<byte> operands) =>
        Requester.SendAsync(Tlp.Atomic(operation, _state.Id, 0, address, operands, Context.Payloads));

    internal void LimitOutstanding(int requests)
    {
        _tagLimit = requests;
        UseTags();
    }

    internal void UseAddressTranslation(int entries, int ways)
    {
        _translations = new AddressTranslationCache(Requester, _software, Watch, new TranslationCache(entries, ways));
        Requester.Translator = _translations;
        _translations.Enable(_state.AtsShift != 0, 1ul << _state.AtsShift);
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
        var completion = new InvalidateCompletion(1u << tag).ToTlp(_state.Id, agent);
        Send(in completion);
    }

    private sealed class Invalidated(FunctionActor owner, int tag, Bdf agent) : ActorSynchronizationContext.IAwaited
    {
        public void Resume() => owner.SendInvalidateCompletion(tag, agent);
    }

    private Requester MakeRequester()
    {
        var requester = new Requester(Context, this, _software);
        Configure(requester);
        requester.UseTags(TagsOf(_state), _tagLimit);
        return requester;
    }

    private static TagWidth TagsOf(FunctionState state) => (TagWidth)Math.Max((byte)TagWidth.FiveBits, state.TagBits);

    private void UseTags()
    {
        if (_requester is null) return;
        _tagsStale = _requester.Outstanding > 0;
        if (!_tagsStale) _requester.UseTags(TagsOf(_state), _tagLimit);
    }

    private void Configure(Requester requester)
    {
        requester.Id = _state.Id;
        if (_state.MaxPayloadBytes != 0) requester.Limits = new TlpLimits(_state.MaxPayloadBytes, _state.MaxReadRequestBytes);
        requester.CompletionTimeout = CompletionTimeout.FromDeviceControl2(_state.DeviceControl2).Longest;
    }

    private void Adopt(FunctionState state)
    {
        var tagsChanged = state.TagBits != _state.TagBits;
        _state = state;
        if (_requester is not null) Configure(_requester);
        if (state.WasReset)
        {
            _requester?.AbandonAll();
            _software.Run(new Code(this, static function => function.Reset()));
        }
        _translations?.Enable(state.AtsShift != 0, 1ul << state.AtsShift);
        if (tagsChanged || state.WasReset) UseTags();
    }

    private void Fired(Engine.Timer timer)
    {
        switch (timer.Id)
        {
            case Requester.TimerId:
                Requester.TimerFired();
                break;
            case Alarms.TimerId:
                Alarms.Fired(timer.Argument);
                break;
            default:
                _tasks.Start(_function.RunAsync);
                break;
        }
    }

    internal void Watch(Task task) => _tasks.Watch(task);

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
        var answer = Tlp.CompletionFor(in request, _state.Id, CompletionStatus.CompleterAbort);
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
            var done = Tlp.CompletionFor(in request, _state.Id, CompletionStatus.SuccessfulCompletion);
            Send(in done);
        }
        else
        {
            foreach (var part in new CompletionSplitter(in request, _state.MaxPayloadBytes, 128))
            {
                var answer = Tlp.CompletionWithData(in request, _state.Id, part.OffsetDw, part.LengthDw, Context.Payloads);
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
