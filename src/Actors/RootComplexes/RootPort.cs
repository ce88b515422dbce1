using PcieFabric.ConfigSpaces;
using PcieFabric.Engine;
using PcieFabric.Ports;

namespace PcieFabric.RootComplexes;

/// <summary>A root port: the root complex is its one peer, and the top of a hierarchy its link partner.</summary>
public sealed class RootPort(BridgePortSettings settings) : DownstreamFacingPort(settings)
{
    private const int RootComplex = 0;

    private readonly bool[] _wires = new bool[4];

    /// <summary>Error messages collected, by <see cref="ErrorSeverity"/>.</summary>
    public long[] ErrorMessages { get; } = new long[3];

    protected override void ReceiveOther(ref readonly Message message)
    {
        if (message.Kind == MessageKind.RefusedTlp) Reject(in message.Tlp, (UncorrectableError)message.Detail, Own);
        else base.ReceiveOther(in message);
    }

    /// <summary>Upwards: everything goes to the root complex, which knows the way, if the port lets its hierarchy initiate.</summary>
    protected override void FromLink(ref readonly Message message)
    {
        ref readonly var tlp = ref message.Tlp;
        if (TlpRules.Check(in tlp, new TlpLimits(Limits.MaxPayloadBytes)) != TlpViolation.None) Reject(in tlp, UncorrectableError.MalformedTlp, Own);
        else if (tlp.IsCompletion && MayPassUpCompletion(in tlp)) ToPeer(RootComplex, in message);
        else if (tlp.IsCompletion) Reject(in tlp, UncorrectableError.UnexpectedCompletion, Own);
        else if (!Access.IsOff && !Access.Admits(in tlp, Claimed)) Reject(in tlp, UncorrectableError.AcsViolation, Own);
        else if (tlp.IsMessage) Hear(in message);
        else if (!MayPassUp(in tlp)) Reject(in tlp, UncorrectableError.UnsupportedRequest, Own);
        else ToPeer(RootComplex, in message);
    }

    /// <summary>Which root port a request is for only the root complex knows, so it applies the controls among root ports.</summary>
    protected override void AccessChanged()
    {
        var message = Message.Of(MessageKind.AccessControl, Access);
        ToPeer(RootComplex, in message);
    }

    private protected override bool TryFindWay(TrainRoute route, out int peer)
    {
        peer = RootComplex;
        var sample = route.Sample;
        return Access.Admits(in sample, Claimed) && MayPassUp(route.Range) && TlpRules.Check(sample, new TlpLimits(Limits.MaxPayloadBytes)) == TlpViolation.None;
    }

    private protected override bool TryFindWayBack(TrainRoute route, out int peer)
    {
        peer = RootComplex;
        return MayPassUpCompletion(route.Sample) && TlpRules.Check(route.Sample, new TlpLimits(Limits.MaxPayloadBytes)) == TlpViolation.None;
    }

    protected override void SendTowardsRoot(ref readonly Tlp message) => Collect((MessageCode)message.MessageCode, message.Requester);

    protected override void Reset() => throw new InvalidOperationException("Invariant: nothing above a root port resets it");

    /// <summary>INTx of what is gone is deasserted (PCIe 6.0 section 2.2.8.1).</summary>
    protected override void LinkWentDown(bool isHotReset)
    {
        base.LinkWentDown(isHotReset);
        for (var wire = 0; wire < _wires.Length; wire++)
        {
            if (!_wires[wire]) continue;
            _wires[wire] = false;
            OwnToPeer(RootComplex, Tlp.Message(MessageRouting.Local, (byte)((int)MessageCode.Deassert_INTA + wire), Id));
        }
    }

    private void Hear(ref readonly Message message)
    {
        ref readonly var tlp = ref message.Tlp;
        switch ((MessageCode)tlp.MessageCode)
        {
            case MessageCode.ERR_COR or MessageCode.ERR_NONFATAL or MessageCode.ERR_FATAL:
                if (PassesError((MessageCode)tlp.MessageCode)) Collect((MessageCode)tlp.MessageCode, tlp.Requester);
                Consume(in tlp);
                break;
            case MessageCode.PM_PME:
                if (Layout.Express.Root!.RecordPme(Space, tlp.Requester)) Interrupt();
                Consume(in tlp);
                break;
            case >= MessageCode.Assert_INTA and <= MessageCode.Deassert_INTD and var code:
                _wires[code - MessageCode.Assert_INTA & 3] = code < MessageCode.Deassert_INTA;
                ToPeer(RootComplex, in message);
                break;
            default:
                ToPeer(RootComplex, in message);
                break;
        }
    }

    /// <summary>An error message ends at the root port, which logs it and may interrupt (PCIe 6.0 section 6.2.4.1).</summary>
    private void Collect(MessageCode code, Bdf source)
    {
        var severity = code switch
        {
            MessageCode.ERR_COR => ErrorSeverity.Correctable,
            MessageCode.ERR_NONFATAL => ErrorSeverity.NonFatal,
            _ => ErrorSeverity.Fatal,
        };
        ErrorMessages[(int)severity]++;
        if (Layout.Aer?.Root?.Record(Space, severity, source) == true) Interrupt();
    }

    private void Interrupt()
    {
        if (Layout.Msi is not { } msi || !msi.TryRaise(Space, 0, out var interrupt)) return;
        Span<byte> data = stackalloc byte[4];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32LittleEndian(data, interrupt.Data);
        OwnToPeer(RootComplex, Tlp.MemoryWrite(Id, interrupt.Address, data, Context.Payloads));
    }
}
