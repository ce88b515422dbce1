using System.Buffers.Binary;
using PcieFabric.ConfigSpaces;
using PcieFabric.Engine;

namespace PcieFabric.Ports;

public abstract partial class BridgePort
{
    /// <summary>Answers a configuration request for this port itself. A write tells it which bus it is on (PCIe 6.0 section 2.2.9).</summary>
    protected Tlp Configure(ref readonly Tlp request)
    {
        var at = new RegisterOffset(request.RegisterOffset);
        if (!request.HasData)
        {
            var answer = Tlp.CompletionWithData(in request, Id, 0, 1, Context.Payloads);
            BinaryPrimitives.WriteUInt32LittleEndian(answer.WritablePayload, Space.Read(at));
            return answer;
        }
        Id = request.Target;
        var wasReset = Space[Layout.Bridge.Control.SecondaryBusReset];
        var effect = Space.Write(at, new MaskedDword(BinaryPrimitives.ReadUInt32LittleEndian(request.Payload), request.FirstBe));
        if (effect.Has(Concerns.Command | Concerns.BridgeWindow | Concerns.BusNumbers | Concerns.Device)) UpdateRoute();
        if (effect.Has(Concerns.BridgeControl) && !wasReset && Space[Layout.Bridge.Control.SecondaryBusReset]) ResetSecondary();
        Configured(effect);
        return Tlp.CompletionFor(in request, Id, CompletionStatus.SuccessfulCompletion);
    }

    /// <summary>More that a write may have asked for.</summary>
    protected virtual void Configured(ConfigWriteEffect effect)
    {
    }

    /// <summary>Secondary Bus Reset was set.</summary>
    protected abstract void ResetSecondary();

    /// <summary>The TLP breaks a rule, or nobody claims it: logs that, tells the root complex if the registers say so, and answers if it wants an answer.</summary>
    /// <param name="peer">Where it came from; <see cref="Own"/> for this port's link.</param>
    protected void Reject(ref readonly Tlp tlp, UncorrectableError error, int peer)
    {
        Counters.Count(error);
        var isRequest = tlp.FlowControlClass == FlowControlClass.NonPosted;
        var isAdvisory = (isRequest && error is UncorrectableError.UnsupportedRequest or UncorrectableError.CompleterAbort) || error == UncorrectableError.UnexpectedCompletion;
        if (ErrorReporter.TryReport(Layout, Space, Id, error, in tlp, isAdvisory, out var report)) SendTowardsRoot(in report);
        if (isRequest && error != UncorrectableError.MalformedTlp)
        {
            var status = error == UncorrectableError.CompleterAbort ? CompletionStatus.CompleterAbort : CompletionStatus.UnsupportedRequest;
            var answer = Tlp.CompletionFor(in tlp, Id, status);
            if (peer == Own) OwnToLink(in answer);
            else OwnToPeer(peer, in answer);
        }
        Consume(in tlp, peer);
    }

    protected abstract void SendTowardsRoot(ref readonly Tlp message);
}
