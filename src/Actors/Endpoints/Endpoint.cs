using System.Buffers.Binary;
using PcieFabric.AddressTranslation;
using PcieFabric.ConfigSpaces;
using PcieFabric.Engine;
using PcieFabric.Links;
using PcieFabric.Ports;

namespace PcieFabric.Endpoints;

/// <summary>
/// An endpoint: one link, and behind it the registers and BARs of its functions. What a BAR has memory for it answers itself; the rest,
/// and everything that a function does of its own accord, belongs to the actors that model the functions.
/// </summary>
public sealed partial class Endpoint : Actor, IPortOwner
{
    /// <summary>Inlet of the link: TLPs and DLLPs.</summary>
    public const int LinkInlet = 1;

    /// <summary>Inlet of a channel from the endpoint to itself, on which reads wait for their data.</summary>
    public const int ReadInlet = 2;

    private const int FirstModelInlet = 3;
    private const int Own = -1;

    /// <summary>The source of a read's last completion.</summary>
    private const int LastOfRead = -2;

    private readonly EndpointSettings _settings;
    private readonly Function?[] _functions;
    private readonly DecodeTable _decode = new();
    private readonly SourceCredits _sources;
    private ActorRef? _reads;

    /// <summary>The request in hand came by the link, not from a function of the device.</summary>
    private bool _holdsCredits;
    private Bdf _id;

    public Endpoint(EndpointSettings settings)
    {
        // What only the making of functions needs is not kept.
        _settings = settings with { Functions = [] };
        Link = new LinkPort(this, settings.Link, settings.PartnerCutsThrough);
        _functions = [.. settings.Functions.Select((f, i) => f is null ? null : new Function(f, i))];
        _sources = new SourceCredits(_functions.Length, latencyPs: 1);
        foreach (var function in _functions)
            function?.Layout.Express.Link?.SetUp(function.Space, settings.Link.Generation.Number, settings.Link.Width.Lanes);
    }

    public LinkPort Link { get; }

    /// <summary>By function number; null where there is none.</summary>
    public IReadOnlyList<Function?> Functions => _functions;

    /// <summary>Requests that reached no function at all.</summary>
    public PortCounters Counters { get; } = new();

    public static int InletOfModel(int function) => FirstModelInlet + function;

    public void ConnectReads(ActorRef reads) => _reads = reads;

    /// <summary>Gives a function the actor that models it.</summary>
    /// <param name="credits">What the endpoint buffers for it, ahead of the link.</param>
    public void ConnectModel(int function, InsideWay toModel, in CreditLimits credits)
    {
        _functions[function]!.Model = toModel.Tlps;
        _sources.Connect(function, toModel.Credits, in credits, _settings.Link.MaxPayloadSize, egresses: 1);
    }

    public override void Receive(ref readonly Message message)
    {
        switch (message.Kind)
        {
            case MessageKind.Tlp when message.Inlet == LinkInlet:
                _holdsCredits = true;
                Link.Received(in message.Tlp, Context.NowPs);
                FromLink(in message.Tlp);
                break;
            case MessageKind.Tlp or MessageKind.OwnTlp when message.Inlet == ReadInlet:
                _holdsCredits = message.Kind == MessageKind.Tlp;
                AnswerRead(in message.Tlp);
                break;
            case MessageKind.Tlp:
                _holdsCredits = false;
                FromModel(_functions[message.Inlet - FirstModelInlet]!, in message.Tlp);
                break;
            case MessageKind.CreditReturn:
                Link.Transmitter.Returned(message.Read<CreditReturn>(), Context.NowPs);
                break;
            case MessageKind.HotReset:
                ResetAll();
                break;
            default:
                throw new InvalidOperationException($"Invariant: {Context.Path} got a {message.Kind}");
        }
    }

    void IPortOwner.Departed(int source, FlowControlClass flowControlClass, int dataCredits, long atPs)
    {
        if (source == LastOfRead) Link.Freed(FlowControlClass.NonPosted, 0, atPs);
        else if (source != Own) _sources.Departed(source, flowControlClass, dataCredits, atPs);
    }

    /// <summary>
    /// An endpoint takes what its link brings at once, so credits are free again as soon as a TLP is here. Only a read of its memory keeps its
    /// place until the last completion has left: so no more completions wait than the link's credits allow reads.
    /// </summary>
    private void FromLink(ref readonly Tlp tlp)
    {
        if (!tlp.IsMemoryRead) Link.Freed(in tlp, Context.NowPs);
        if (TlpRules.Check(in tlp, new TlpLimits(Limits.MaxPayloadBytes)) != TlpViolation.None) Reject(null, in tlp, UncorrectableError.MalformedTlp);
        else if (tlp.IsConfiguration) Configure(in tlp);
        else if (tlp.IsCompletion) Complete(in tlp);
        else if (tlp.IsMessage) Hear(in tlp);
        else Access(in tlp);
    }

    /// <summary>
    /// Of the messages that come down only a translation agent's ask for anything that a function here would do; one without a model caches no translations, so there is nothing to
    /// forget. Not to know a vendor's of type 0 is an error, of type 1 it is not (PCIe 6.0 section 2.2.8.6).
    /// </summary>
    private void Hear(ref readonly Tlp message)
    {
        if ((MessageCode)message.MessageCode == MessageCode.Vendor_Defined_Type_0)
        {
            Reject(null, in message, UncorrectableError.UnsupportedRequest);
            return;
        }
        var isForFunction = message.MessageCode == (byte)MessageCode.Invalidate_Request && message.Target.Bus == _id.Bus;
        if (isForFunction && FunctionAt(message.Target) is { Layout.Ats: not null } function)
        {
            if (function.Model is { } model)
            {
                ToModel(model, in message);
                return;
            }
            Send(new InvalidateCompletion(1u << InvalidateRequest.Of(in message).Tag).ToTlp(IdOf(function), message.Requester));
        }
        message.Release(Context.Payloads);
    }

    private Function? FunctionAt(Bdf target)
    {
        var number = _settings.Ari ? target.AriFunction : target.Device == 0 ? target.Function : -1;
        return (uint)number < (uint)_functions.Length ? _functions[number] : null;
    }

    private Bdf IdOf(Function function) => new((ushort)(_id.Value & 0xFF00 | (_settings.Ari ? function.Number : _id.Value & 0xF8 | function.Number)));

    private void Complete(ref readonly Tlp completion)
    {
        var function = completion.Requester.Bus == _id.Bus ? FunctionAt(completion.Requester) : null;
        if (function?.Model is not { } model)
        {
            Reject(function, in completion, UncorrectableError.UnexpectedCompletion);
            return;
        }
        if (completion.Status != CompletionStatus.SuccessfulCompletion || completion.IsPoisoned) NoteFailure(function, in completion);
        ToModel(model, in completion);
    }

    /// <summary>What the Status register says of a requester's answers (PCIe 6.0 section 7.5.1.1.4).</summary>
    private static void NoteFailure(Function function, in Tlp completion)
    {
        var (space, header) = (function.Space, function.Layout.Header);
        if (completion.Status == CompletionStatus.UnsupportedRequest) space[header.Status.ReceivedMasterAbort] = true;
        if (completion.Status == CompletionStatus.CompleterAbort) space[header.Status.ReceivedTargetAbort] = true;
        if (!completion.IsPoisoned) return;
        space[header.Status.DetectedParityError] = true;
        if (space[header.Command.ParityErrorResponse]) space[header.Status.MasterDataParityError] = true;
    }

    private void Access(ref readonly Tlp request)
    {
        if (!_decode.TryFind(request.Address, request.IsIo, out var hit) || !hit.Range.Contains(request.Address, (ulong)request.ReachBytes))
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
        var ownsTable = function.MsiX is { } table && (table.TryFindInTable(hit.Bar, offset, out _) || table.TryFindInPending(hit.Bar, offset, out _));
        var memory = function.MemoryAt(hit.Bar, offset);
        if ((request.IsAtomic || request.IsDeferrableWrite) && (ownsTable || memory is null))
        {
            // Registers take reads and writes only (PCIe 6.0 section 6.15.3).
            Reject(function, in request, UncorrectableError.UnsupportedRequest);
        }
        else if (!ownsTable && memory is null)
        {
            if (function.Model is { } model)
            {
                FreeRead(in request);
                ToModel(model, in request, new BarHit(hit.Bar, hit.Range.Size).Detail);
            }
            else Reject(function, in request, hit.Bar == DecodeTable.RomBar || !request.IsMemoryWrite ? UncorrectableError.CompleterAbort : UncorrectableError.UnsupportedRequest);
        }
        else if (request.FlowControlClass == FlowControlClass.NonPosted)
        {
            var later = _holdsCredits ? Message.Of(in request) : Message.OfOwn(in request);
            _reads!.Tell(in later, Context.NowPs + _settings.ReadLatency.Picoseconds);
        }
        else
        {
            memory?.Write((long)offset, request.Payload, request.FirstBe, request.LastBe);
            if (function.HasTableIn(hit.Bar)) WriteTable(function, hit.Bar, offset, in request);
            request.Release(Context.Payloads);
        }
    }

    private void ToModel(ActorRef model, ref readonly Tlp tlp, uint barHit = 0)
    {
        var message = Message.Of(in tlp, barHit);
        model.Tell(in message, Context.NowPs + _settings.FunctionLatency.Picoseconds);
    }

    /// <summary>A read of memory that is not answered by completions of this endpoint gives its place up.</summary>
    private void FreeRead(ref readonly Tlp request)
    {
        if (_holdsCredits && request.IsMemoryRead) Link.Freed(in request, Context.NowPs);
    }

    private void Send(in Tlp tlp)
    {
        if (tlp.IsCompletion && TryCompleteSibling(in tlp)) return;
        Link.Send(in tlp, Own, Context.NowPs);
    }

    private void Reject(Function? function, ref readonly Tlp tlp, UncorrectableError error)
    {
        (function?.Counters ?? Counters).Count(error);
        var reporter = function ?? _functions.First(f => f is not null)!;
        var isRequest = tlp.FlowControlClass == FlowControlClass.NonPosted;
        if (error == UncorrectableError.PoisonedTlpReceived) reporter.Space[reporter.Layout.Header.Status.DetectedParityError] = true;
        if (ErrorReporter.TryReport(reporter.Layout, reporter.Space, IdOf(reporter), error, in tlp, out var report)) Send(in report);
        if (isRequest && error != UncorrectableError.MalformedTlp)
        {
            var status = error is UncorrectableError.CompleterAbort or UncorrectableError.AcsViolation ? CompletionStatus.CompleterAbort : CompletionStatus.UnsupportedRequest;
            if (status == CompletionStatus.CompleterAbort) reporter.Space[reporter.Layout.Header.Status.SignaledTargetAbort] = true;
            Send(Tlp.CompletionFor(in tlp, IdOf(reporter), status));
        }
        FreeRead(in tlp);
        tlp.Release(Context.Payloads);
    }
}
