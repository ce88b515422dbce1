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
        if (request.IsPoisoned)
        {
            Space[Layout.Header.Status.DetectedParityError] = true;
            return Tlp.CompletionFor(in request, Id, CompletionStatus.UnsupportedRequest);
        }
        var wasReset = Space[Layout.Bridge.Control.SecondaryBusReset];
        var effect = Space.Write(at, new MaskedDword(BinaryPrimitives.ReadUInt32LittleEndian(request.Payload), request.FirstBe));
        if (effect.Has(Concerns.Command | Concerns.BridgeWindow | Concerns.BusNumbers | Concerns.Device) || Layout.Bridge.LegacyDecode(Space) != Claimed.Legacy) UpdateRoute();
        if (effect.Has(Concerns.BridgeControl) && wasReset != Space[Layout.Bridge.Control.SecondaryBusReset])
        {
            if (wasReset) ReleaseSecondary();
            else ResetSecondary();
        }
        Configured(effect);
        return Tlp.CompletionFor(in request, Id, CompletionStatus.SuccessfulCompletion);
    }

    /// <summary>More that a write may have asked for.</summary>
    protected virtual void Configured(ConfigWriteEffect effect)
    {
    }

    /// <summary>Secondary Bus Reset was set.</summary>
    protected abstract void ResetSecondary();

    /// <summary>Secondary Bus Reset was cleared.</summary>
    protected virtual void ReleaseSecondary()
    {
    }

    /// <summary>The TLP breaks a rule, or nobody claims it: logs that, tells the root complex if the registers say so, and answers if it wants an answer.</summary>
    /// <param name="peer">Where it came from; <see cref="Own"/> for this port's link.</param>
    protected void Reject(ref readonly Tlp tlp, UncorrectableError error, int peer)
    {
        Counters.Count(error);
        var isRequest = tlp.FlowControlClass == FlowControlClass.NonPosted;
        if (ErrorReporter.TryReport(Layout, Space, Id, error, in tlp, out var report)) SendTowardsRoot(in report);
        if (isRequest && error != UncorrectableError.MalformedTlp)
        {
            // An ACS Violation is logged as what it is, and answered with Completer Abort (PCIe 6.0 section 6.12.4).
            var aborts = error is UncorrectableError.CompleterAbort or UncorrectableError.AcsViolation;
            var status = aborts ? CompletionStatus.CompleterAbort : CompletionStatus.UnsupportedRequest;
            if (aborts && peer == Own) Space[LinkStatus.SignaledTargetAbort] = true;
            var answer = Tlp.CompletionFor(in tlp, Id, status);
            if (peer == Own) OwnToLink(in answer);
            else OwnToPeer(peer, in answer);
        }
        Consume(in tlp, peer);
    }

    protected abstract void SendTowardsRoot(ref readonly Tlp message);

    /// <summary>Whether an error message from the secondary side goes on to the primary (PCIe 6.0 sections 7.5.1.1.3, 7.5.1.3.7 and 7.5.1.3.13).</summary>
    protected bool PassesError(MessageCode code)
    {
        var isUncorrectable = code != MessageCode.ERR_COR;
        if (isUncorrectable) Space[Layout.Bridge.SecondaryStatus.SystemError] = true;
        if (!Space[Layout.Bridge.Control.SerrEnable] || (isUncorrectable && !Space[Layout.Header.Command.SerrEnable])) return false;
        if (isUncorrectable) Space[Layout.Header.Status.SystemError] = true;
        return true;
    }
}
