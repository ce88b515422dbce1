using PcieFabric.ConfigSpaces;
using PcieFabric.Engine;
using PcieFabric.Ports;

namespace PcieFabric.RootComplexes;

/// <summary>A root port: the root complex is its one peer, and the top of a hierarchy its link partner.</summary>
public sealed class RootPort(BridgePortSettings settings) : DownstreamFacingPort(settings)
{
    private const int RootComplex = 0;

    /// <summary>Error messages collected, by <see cref="ErrorSeverity"/>.</summary>
    public long[] ErrorMessages { get; } = new long[3];

    public override void Receive(ref readonly Message message)
    {
        if (message.Kind == MessageKind.RefusedTlp) Reject(in message.Tlp, (UncorrectableError)message.Detail, Own);
        else base.Receive(in message);
    }

    /// <summary>Upwards: everything goes to the root complex, which knows the way, if the port lets its hierarchy initiate.</summary>
    protected override void FromLink(ref readonly Message message)
    {
        ref readonly var tlp = ref message.Tlp;
        if (TlpRules.Check(in tlp, new TlpLimits(Limits.MaxPayloadBytes)) != TlpViolation.None) Reject(in tlp, UncorrectableError.MalformedTlp, Own);
        else if (tlp.IsMessage) Hear(in message);
        else if (tlp.IsCompletion) ToPeer(RootComplex, in message);
        else if (!MayPassUp(in tlp)) Reject(in tlp, UncorrectableError.UnsupportedRequest, Own);
        else ToPeer(RootComplex, in message);
    }

    protected override void SendTowardsRoot(ref readonly Tlp message) => Collect((MessageCode)message.MessageCode, message.Requester);

    /// <inheritdoc/>
    protected override void ResetSecondary()
    {
        // What is below can no longer say that it does not interrupt (PCIe 6.0 section 2.2.8.1).
        for (var code = MessageCode.Deassert_INTA; code <= MessageCode.Deassert_INTD; code++)
            OwnToPeer(RootComplex, Tlp.Message(MessageRouting.Local, (byte)code, Id));
        base.ResetSecondary();
    }

    protected override void Reset() => throw new InvalidOperationException("Invariant: nothing above a root port resets it");

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
