using System.Collections;
using PcieFabric.AddressTranslation;
using PcieFabric.ConfigSpaces;
using PcieFabric.Engine;
using PcieFabric.LocalDevices;
using PcieFabric.Ports;

namespace PcieFabric.Endpoints;

/// <summary>
/// The functions behind one link as the fabric sees them: it answers configuration requests, finds the BAR that a request is for, tells completions to
/// their requesters, sends interrupts, and reports what is wrong. What the functions do is for others: memory, and the actors that model them.
/// </summary>
internal sealed partial class DeviceFunctions
{
    /// <summary>The source of what the device makes itself.</summary>
    public const int Own = IPortOwner.Own;

    /// <summary>The source of a read's last completion.</summary>
    private const int LastOfRead = -2;

    /// <summary>In bytes, of everything but root complexes (PCIe 6.0 section 2.3.1.1).</summary>
    private const int ReadCompletionBoundary = 128;

    private readonly LinkPort _link;
    private readonly DeviceTiming _timing;
    private readonly bool _ari;
    private readonly DecodeTable _decodeTable = new();
    private readonly SourceCredits _sources;

    /// <summary>By the place of its model, whether a function's registers let it initiate: all of a device on one line of a cache, and not on two for each.</summary>
    private readonly BitArray _initiators;
    private readonly IFunctionObserver? _observer;
    private readonly (Function? Function, ActorRef? Model)[] _virtualBySource;
    private PortCounters? _counters;
    private Function?[] _functions;
    private VirtualFunctions[] _virtual = [];
    private IActorContext? _context;
    private ActorRef? _reads;
    private Bdf _id;

    /// <summary>Registers changed that say what the functions decode, and nobody has asked since: software sets up all functions before it uses one.</summary>
    private bool _decodesAnew;

    /// <summary>The request in hand came by the link, not from a function of the device.</summary>
    private bool _holdsCredits;

    /// <param name="most">Functions that there can be, but for virtual ones.</param>
    /// <param name="virtualModels">Models of virtual functions; their places follow those of the functions.</param>
    /// <param name="observer">Told of what software does to a function.</param>
    /// <param name="others">Sources of requests beside the functions' models.</param>
    public DeviceFunctions(LinkPort link, DeviceTiming timing, bool ari, int most, int virtualModels, IFunctionObserver? observer = null, int others = 0)
    {
        (_link, _timing, _ari, _observer) = (link, timing, ari, observer);
        _functions = new Function?[most];
        _virtualBySource = new (Function?, ActorRef?)[virtualModels];
        _sources = new SourceCredits(most + virtualModels + others);
        _initiators = new BitArray(most + virtualModels);
    }

    /// <summary>By function number; null where there is none. Virtual functions belong to one of these.</summary>
    public IReadOnlyList<Function?> All => _functions;

    /// <summary>By the place of its model; null where there is none, or where no software has enabled it since the functions were installed.</summary>
    public Function? BySource(int source) => source < _functions.Length ? _functions[source] : _virtualBySource[source - _functions.Length].Function;

    /// <summary>Requests that reached no function at all.</summary>
    public PortCounters Counters => _counters ??= new PortCounters();

    private IActorContext Context => _context!;

    private DecodeTable Decode
    {
        get
        {
            if (_decodesAnew) _decodeTable.Rebuild(_functions.OfType<Function>());
            _decodesAnew = false;
            return _decodeTable;
        }
    }

    public void Attach(IActorContext context) => _context = context;

    public void ConnectReads(ActorRef reads) => _reads = reads;

    /// <inheritdoc cref="SourceCredits.Connect"/>
    public void ConnectSource(int function, ActorRef credits, in Links.CreditLimits granted, int maxPayloadSize) =>
        _sources.Connect(function, credits, in granted, maxPayloadSize, egresses: 1, isShared: false);

    /// <summary>The way to the model of a virtual function, which has none yet.</summary>
    public void ConnectVirtualModel(int source, ActorRef model) => _virtualBySource[source - _functions.Length].Model = model;

    /// <summary>Puts other functions in the place of those that were there.</summary>
    public void Install(Function?[] functions)
    {
        _functions = functions;
        _virtual = [.. functions.Select(function => function?.Virtual).OfType<VirtualFunctions>()];
        foreach (ref var place in _virtualBySource.AsSpan()) place.Function = null;
        _initiators.SetAll(false);
        _decodesAnew = true;
        foreach (var function in functions.OfType<Function>())
        {
            function.Layout.Express.Link?.SetUp(function.Space, _link.Link.Generation.Number, _link.Link.Width.Lanes);
            TakeNote(function);
        }
    }

    public void Departed(int source, FlowControlClass flowControlClass, int dataCredits, long atPs)
    {
        if (source == LastOfRead) _link.Freed(FlowControlClass.NonPosted, 0, atPs);
        else if (source != Own) _sources.Departed(source, flowControlClass, dataCredits, atPs);
    }

    /// <summary>The link is down: what waited for it is lost, and all functions are as after a reset (PCIe 6.0 section 2.9.1).</summary>
    public void LinkWentDown()
    {
        while (_link.Transmitter.TryDiscard(out var tlp, out var source))
        {
            Departed(source, tlp.FlowControlClass, Links.CreditCounter.DataCredits(in tlp), Context.NowPs);
            tlp.Release(Context.Payloads);
        }
        ResetAll();
    }

    /// <summary>
    /// A device takes what its link brings at once, so credits are free again as soon as a TLP is here. Only a read of its memory keeps its
    /// place until the last completion has left: so no more completions wait than the link's credits allow reads.
    /// </summary>
    public void FromLink(ref readonly Tlp tlp)
    {
        _holdsCredits = true;
        if (!tlp.IsMemoryRead) _link.Freed(in tlp, Context.NowPs);
        if (TlpRules.Check(in tlp, new TlpLimits(Limits.MaxPayloadBytes)) != TlpViolation.None) Reject(null, in tlp, UncorrectableError.MalformedTlp);
        else if (tlp.IsConfiguration) Configure(in tlp);
        else if (tlp.IsCompletion) Complete(in tlp);
        else if (tlp.IsMessage) Hear(in tlp);
        else Access(in tlp);
    }

    /// <summary>A function by the Routing ID that it has on the captured bus, or behind that.</summary>
    private Function? FunctionAt(Bdf id)
    {
        var number = id.Value - (_id.Value & 0xFF00);
        return number > byte.MaxValue ? VirtualFunctionAt(number) : number >= 0 ? FunctionOnBus(id) : null;
    }

    /// <summary>A function of the device's own bus, whichever that is.</summary>
    private Function? FunctionOnBus(Bdf target)
    {
        var number = _ari ? target.AriFunction : target.Device == 0 ? target.Function : -1;
        if ((uint)number < (uint)_functions.Length) return _functions[number] ?? VirtualFunctionAt(number);
        return VirtualFunctionAt(number);
    }

    public Bdf IdOf(Function function) => IdOf(function.Number);

    private Bdf IdOf(int number) => new((ushort)((_id.Value & 0xFF00) + (_ari ? number : _id.Value & 0xF8 | number)));

    /// <summary>The place of a model is its function's number, but for those of virtual functions.</summary>
    private Bdf IdOfModel(int source) => source < _functions.Length ? IdOf(source) : IdOf(BySource(source)!);

    private void Complete(ref readonly Tlp completion)
    {
        var function = FunctionAt(completion.Requester);
        if (function?.Model is not { } model)
        {
            Reject(function, in completion, UncorrectableError.UnexpectedCompletion);
            return;
        }
        if (completion.Status != CompletionStatus.SuccessfulCompletion || completion.IsPoisoned) NoteFailure(function, in completion);
        var detail = 0u;
        ToModel(_observer?.TakerOf(function, in completion, out detail) ?? model, in completion, detail);
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
        var isForFunction = message.MessageCode == (byte)MessageCode.Invalidate_Request;
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

    private void Access(ref readonly Tlp request)
    {
        ref readonly var hit = ref Decode.Find(request.Address, request.IsIo);
        if (!hit.Range.Contains(request.Address, (ulong)request.ReachBytes))
        {
            Reject(null, in request, UncorrectableError.UnsupportedRequest);
            return;
        }
        var function = hit.Function;
        // A locked read is for legacy endpoints only (PCIe 6.0 section 6.5.7).
        if (!function.IsOn || (request.IsLockedRead && function.Layout.Express.Type != PortType.LegacyEndpoint))
        {
            Reject(function, in request, UncorrectableError.UnsupportedRequest);
            return;
        }
        if (request.PayloadBytes > function.MaxPayloadBytes)
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
        var hasMemory = function.HasMemoryAt(hit.Bar, offset);
        long at = 0;
        var memory = hasMemory ? function.FindMemory(hit.Bar, offset, request.ReachBytes, out at) : null;
        if ((request.IsAtomic || request.IsDeferrableWrite) && (ownsTable || !hasMemory))
        {
            // Registers take reads and writes only (PCIe 6.0 section 6.15.3).
            Reject(function, in request, UncorrectableError.UnsupportedRequest);
        }
        else if (!ownsTable && !hasMemory)
        {
            if (WakenModel(function) is { } model)
            {
                FreeRead(in request);
                ToModel(model, in request, new BarHit(hit.Bar, hit.Range.Size).Detail);
            }
            else Reject(function, in request, hit.Bar == DecodeTable.RomBar || !request.IsMemoryWrite ? UncorrectableError.CompleterAbort : UncorrectableError.UnsupportedRequest);
        }
        else if (!ownsTable && memory is null)
        {
            var isForRegisters = !request.IsAtomic && !request.IsDeferrableWrite && !request.IsIo;
            if (isForRegisters && function.FindDevice(hit.Bar, offset, request.ReachBytes, out var access) is { } device) ToDevice(device, in request, access);
            else Reject(function, in request, UncorrectableError.UnsupportedRequest);
        }
        else if (request.FlowControlClass == FlowControlClass.NonPosted)
        {
            ReadLater(in request);
        }
        else
        {
            memory?.Write(at, request.Payload, request.FirstBe, request.LastBe);
            if (function.HasTableIn(hit.Bar)) WriteTable(function, hit.Bar, offset, in request);
            request.Release(Context.Payloads);
        }
    }

    private void ReadLater(ref readonly Tlp request)
    {
        var atPs = Context.NowPs + _timing.ReadLatency.Picoseconds;
        if (_holdsCredits)
        {
            _reads!.Tell(in request, 0, atPs);
            return;
        }
        var own = Message.OfOwn(in request);
        _reads!.Tell(in own, atPs);
    }

    private void ToDevice(ActorRef device, ref readonly Tlp request, LocalAccess access)
    {
        FreeRead(in request);
        var message = Message.Of(in request, access.Detail);
        device.Tell(in message, Context.NowPs + _timing.FunctionLatency.Picoseconds);
    }

    /// <summary>A local device answers a read that came through a BAR of the function.</summary>
    public void FromDevice(Function function, in Tlp completion)
    {
        _holdsCredits = false;
        var own = completion.CompletedBy(IdOf(function));
        Send(in own);
    }

    private void ToModel(ActorRef model, ref readonly Tlp tlp, uint detail = 0)
    {
        var message = Message.Of(in tlp, detail);
        model.Tell(in message, Context.NowPs + _timing.FunctionLatency.Picoseconds);
    }

    /// <summary>A read of memory that is not answered by completions of this endpoint gives its place up.</summary>
    private void FreeRead(ref readonly Tlp request)
    {
        if (_holdsCredits && request.IsMemoryRead) _link.Freed(in request, Context.NowPs);
    }

    private void Send(in Tlp tlp)
    {
        if (!tlp.IsCompletion || !TryCompleteSibling(in tlp)) SendUp(in tlp, Own);
    }

    /// <summary>Where the link is down, what the device would send is lost.</summary>
    private void SendUp(in Tlp tlp, int source)
    {
        if (_link.IsUp)
        {
            _link.Send(in tlp, source, Context.NowPs);
            return;
        }
        Departed(source, tlp.FlowControlClass, Links.CreditCounter.DataCredits(in tlp), Context.NowPs);
        tlp.Release(Context.Payloads);
    }

    private void Reject(Function? function, ref readonly Tlp tlp, UncorrectableError error)
    {
        (function?.Counters ?? Counters).Count(error);
        var reporter = function ?? _functions.First(f => f is not null)!;
        var isRequest = tlp.FlowControlClass == FlowControlClass.NonPosted;
        if (error == UncorrectableError.PoisonedTlpReceived) reporter.Space[reporter.Layout.Header.Status.DetectedParityError] = true;
        if (ErrorReporter.TryReport(reporter.Layout, reporter.Space, IdOf(reporter), error, in tlp, out var report, reporter.Physical?.Space)) Send(in report);
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
