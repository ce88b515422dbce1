using PcieFabric.ConfigSpaces;
using PcieFabric.Engine;
using PcieFabric.Ports;

namespace PcieFabric.Endpoints;

/// <summary>
/// The functions behind one link as the fabric sees them: it answers configuration requests, finds the BAR that a request is for, tells completions to
/// their requesters, sends interrupts, and reports what is wrong. What the functions do is for others: memory, and the actors that model them.
/// </summary>
internal sealed partial class DeviceFunctions
{
    /// <summary>The source of what the device makes itself.</summary>
    public const int Own = -1;

    private readonly LinkPort _link;
    private readonly DeviceTiming _timing;
    private readonly bool _ari;
    private readonly DecodeTable _decode = new();
    private readonly SourceCredits _sources;
    private readonly IFunctionObserver? _observer;
    private Function?[] _functions;
    private IActorContext? _context;
    private ActorRef? _reads;
    private Bdf _id;

    /// <param name="most">Functions that there can be.</param>
    /// <param name="observer">Told of what software does to a function.</param>
    public DeviceFunctions(LinkPort link, DeviceTiming timing, bool ari, int most, IFunctionObserver? observer = null)
    {
        (_link, _timing, _ari, _observer) = (link, timing, ari, observer);
        _functions = new Function?[most];
        _sources = new SourceCredits(most, latencyPs: 1);
    }

    /// <summary>By function number; null where there is none.</summary>
    public IReadOnlyList<Function?> All => _functions;

    /// <summary>Requests that reached no function at all.</summary>
    public PortCounters Counters { get; } = new();

    private IActorContext Context => _context!;

    public void Attach(IActorContext context) => _context = context;

    public void ConnectReads(ActorRef reads) => _reads = reads;

    /// <inheritdoc cref="SourceCredits.Connect"/>
    public void ConnectSource(int function, ActorRef credits, in Links.CreditLimits granted, int maxPayloadSize) =>
        _sources.Connect(function, credits, in granted, maxPayloadSize, egresses: 1);

    /// <summary>Puts other functions in the place of those that were there.</summary>
    public void Install(Function?[] functions)
    {
        _functions = functions;
        _decode.Rebuild(functions.OfType<Function>());
        foreach (var function in functions)
            function?.Layout.Express.Link?.SetUp(function.Space, _link.Link.Generation.Number, _link.Link.Width.Lanes);
    }

    public void Departed(int source, FlowControlClass flowControlClass, int dataCredits, long atPs)
    {
        if (source != Own) _sources.Departed(source, flowControlClass, dataCredits, atPs);
    }

    /// <summary>The link is down: what waited for it is lost, and all functions are as after a reset (PCIe 6.0 section 2.9.1).</summary>
    public void LinkWentDown()
    {
        while (_link.Transmitter.TryDiscard(out var tlp, out var source))
        {
            if (source != Own) _sources.Departed(source, in tlp, Context.NowPs);
            tlp.Release(Context.Payloads);
        }
        ResetAll();
    }

    /// <summary>A device takes what its link brings at once, so credits are free again as soon as a TLP is here.</summary>
    public void FromLink(ref readonly Tlp tlp)
    {
        _link.Freed(in tlp, Context.NowPs);
        if (tlp.IsConfiguration) Configure(in tlp);
        else if (tlp.IsCompletion) Complete(in tlp);
        else if (tlp.IsMessage) tlp.Release(Context.Payloads);
        else Access(in tlp);
    }

    private Function? FunctionAt(Bdf target)
    {
        var number = _ari ? target.AriFunction : target.Device == 0 ? target.Function : -1;
        return (uint)number < (uint)_functions.Length ? _functions[number] : null;
    }

    public Bdf IdOf(Function function) => new((ushort)(_id.Value & 0xFF00 | (_ari ? function.Number : _id.Value & 0xF8 | function.Number)));

    private void Complete(ref readonly Tlp completion)
    {
        var function = FunctionAt(completion.Requester);
        if (function?.Model is { } model && completion.Requester.Bus == _id.Bus)
        {
            ToModel(model, in completion);
            return;
        }
        Reject(function, in completion, UncorrectableError.UnexpectedCompletion);
    }

    private void Access(ref readonly Tlp request)
    {
        if (!_decode.TryFind(request.Address, request.IsIo, out var hit) || !hit.Range.Contains(request.Address, (ulong)request.LengthDw * 4))
        {
            Reject(null, in request, UncorrectableError.UnsupportedRequest);
            return;
        }
        var function = hit.Function;
        if (!function.Layout.IsOn(function.Space))
        {
            Reject(function, in request, UncorrectableError.UnsupportedRequest);
            return;
        }
        if (request.PayloadBytes > function.Layout.Express.Device.MaxPayloadBytes(function.Space))
        {
            Reject(function, in request, UncorrectableError.MalformedTlp);
            return;
        }
        if (request.HasData && request.IsPoisoned)
        {
            Reject(function, in request, UncorrectableError.PoisonedTlpReceived);
            return;
        }
        Access(in hit, in request);
    }

    private void Access(in DecodeTable.Entry hit, ref readonly Tlp request)
    {
        var offset = request.Address - hit.Range.Base;
        var function = hit.Function;
        var ownsTable = function.OwnsTable(hit.Bar, offset);
        MemoryRegion? memory = null;
        long at = 0;
        if (!ownsTable && !function.HasMemory(hit.Bar))
        {
            if (function.Model is { } model) ToModel(model, in request, new BarHit(hit.Bar, hit.Range.Size).Detail);
            else Reject(function, in request, hit.Bar == DecodeTable.RomBar || !request.IsMemoryWrite ? UncorrectableError.CompleterAbort : UncorrectableError.UnsupportedRequest);
        }
        else if (!ownsTable && (memory = function.FindMemory(hit.Bar, offset, request.LengthDw * 4, out at)) is null)
        {
            Reject(function, in request, UncorrectableError.UnsupportedRequest);
        }
        else if (request.FlowControlClass == FlowControlClass.NonPosted)
        {
            var later = Message.Of(in request);
            _reads!.Tell(in later, Context.NowPs + _timing.ReadLatency.Picoseconds);
        }
        else
        {
            if (ownsTable) WriteTable(function, hit.Bar, offset, in request);
            else memory!.Write(at, request.Payload, request.FirstBe, request.LastBe);
            request.Release(Context.Payloads);
        }
    }

    private void ToModel(ActorRef model, ref readonly Tlp tlp, uint barHit = 0)
    {
        var message = Message.Of(in tlp, barHit);
        model.Tell(in message, Context.NowPs + _timing.FunctionLatency.Picoseconds);
    }

    /// <summary>Where the link is down, what the device makes itself is lost.</summary>
    private void Send(in Tlp tlp)
    {
        if (_link.IsUp) _link.Send(in tlp, Own, Context.NowPs);
        else tlp.Release(Context.Payloads);
    }

    private void Reject(Function? function, ref readonly Tlp tlp, UncorrectableError error)
    {
        (function?.Counters ?? Counters).Count(error);
        var reporter = function ?? _functions.First(f => f is not null)!;
        var isRequest = tlp.FlowControlClass == FlowControlClass.NonPosted;
        var isAdvisory = isRequest || error == UncorrectableError.UnexpectedCompletion;
        if (ErrorReporter.TryReport(reporter.Layout, reporter.Space, IdOf(reporter), error, in tlp, isAdvisory, out var report)) Send(in report);
        if (isRequest && error != UncorrectableError.MalformedTlp)
        {
            var status = error == UncorrectableError.CompleterAbort ? CompletionStatus.CompleterAbort : CompletionStatus.UnsupportedRequest;
            if (status == CompletionStatus.CompleterAbort) reporter.Space[reporter.Layout.Header.Status.SignaledTargetAbort] = true;
            Send(Tlp.CompletionFor(in tlp, IdOf(reporter), status));
        }
        tlp.Release(Context.Payloads);
    }
}
