using System.Buffers.Binary;
using PcieFabric.Engine;
using PcieFabric.RootComplexes;

namespace PcieFabric.Gateways;

/// <summary>
/// A host's gateway: accesses from outside enter here as TLPs, and what functions ask of memory outside leaves here. All that it does follows from its inputs and from what
/// <see cref="IOutside"/> answers, so that these and the topology make the same run again.
/// </summary>
public sealed partial class Gateway : IGateway
{
    private readonly RootComplex _rootComplex;
    private readonly IOutside _outside;
    private readonly List<Access?> _accesses = [];
    private readonly Dictionary<(int Hierarchy, Bdf Function), int> _guestOf = [];
    private readonly Dictionary<int, int> _guestOfHierarchy = [];
    private readonly List<PeerWindows?> _peers = [];
    private Host? _host;
    private IActorContext? _context;

    public Gateway(RootComplex rootComplex, IOutside outside)
    {
        (_rootComplex, _outside) = (rootComplex, outside);
        rootComplex.Join(this);
    }

    /// <summary>
    /// Where function interrupts of guests go that take them one by one: the place of the highest destination ID, which no host gives to a vector of its own before it has no
    /// other. The data is the vector.
    /// </summary>
    public const ulong InterruptAddress = 0xFEEF_F000;

    public GatewayCounters Counters { get; } = new();

    /// <summary>Where its inputs are injected.</summary>
    public ActorRef Inputs => _rootComplex.Inputs ?? throw new InvalidOperationException("Invariant: a fabric with gateways is built with inputs");

    /// <summary>How an access says whose it is, and through which root complex it goes.</summary>
    public static Message AccessOf(in Tlp request, int ticket, int hierarchy)
    {
        var message = Message.OfOwn(in request);
        message.Detail = (uint)(ticket | hierarchy << 16);
        return message;
    }

    void IGateway.Join(Host host, IActorContext context)
    {
        (_host, _context) = (host, context);
        for (var line = 0; line < 4 * host.Hierarchies.Sum(h => h.Ports); line++)
        {
            var asserted = line;
            host.Interrupts.Line(line).Handler = () => _outside.LineAsserted(asserted);
        }
    }

    /// <summary>The level of an INTx line. Between runs.</summary>
    public bool IsAsserted(int line) => _host!.Interrupts.Line(line).IsAsserted;

    void IGateway.Take(ref readonly Message input)
    {
        if (input.Kind == MessageKind.Input) Take(input.Read<GatewayInput>());
        else if (input.Tlp.IsCompletion) TakeData(in input.Tlp);
        else Begin((int)(input.Detail & 0xFFFF), (int)(input.Detail >> 16), in input.Tlp);
    }

    private void Begin(int ticket, int hierarchy, ref readonly Tlp request)
    {
        Counters.Accesses++;
        while (_accesses.Count <= ticket) _accesses.Add(null);
        var access = _accesses[ticket] ??= new Access(this, ticket);
        access.Begin(_host!.Requesters[hierarchy], in request, _context!.Payloads);
    }

    internal void Ended(int ticket, bool isSuccess, ReadOnlySpan<byte> data)
    {
        if (!isSuccess) Counters.FailedAccesses++;
        _outside.Answered(ticket, isSuccess, data);
    }

    private void Take(GatewayInput input)
    {
        switch (input.Kind)
        {
            case GatewayInputKind.Claim:
                _guestOf[(input.Hierarchy, input.Function)] = input.Guest;
                PeersOf(input.Guest);
                break;
            case GatewayInputKind.ClaimHierarchy:
                _guestOfHierarchy[input.Hierarchy] = input.Guest;
                PeersOf(input.Guest);
                break;
            case GatewayInputKind.OpenPeer:
                PeersOf(input.Guest).Add(new AddressRange(input.Address, input.SizeBytes), input.FabricAddress);
                break;
            case GatewayInputKind.ClosePeer:
                PeersOf(input.Guest).Remove(input.Address);
                break;
            case GatewayInputKind.Release:
                Release(input.Guest);
                break;
            default:
                throw new InvalidOperationException($"Invariant: a gateway got an input {input.Kind}");
        }
    }

    private PeerWindows PeersOf(int guest)
    {
        while (_peers.Count <= guest) _peers.Add(null);
        return _peers[guest] ??= new PeerWindows();
    }

    private void Release(int guest)
    {
        foreach (var function in _guestOf.Where(entry => entry.Value == guest).Select(entry => entry.Key).ToList()) _guestOf.Remove(function);
        foreach (var hierarchy in _guestOfHierarchy.Where(entry => entry.Value == guest).Select(entry => entry.Key).ToList()) _guestOfHierarchy.Remove(hierarchy);
        if (guest < _peers.Count) _peers[guest] = null;
        AbandonReads(guest);
    }
}
