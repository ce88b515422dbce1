using System.Globalization;
using System.Text;

namespace PcieFabric.Tlps;

/// <summary>
/// A TLP in one line for people: what it is, from whom, to whom, and what is out of the ordinary, for instance
/// <c>MWr64 00:00.0 -> 0x380000000000 len=32 be=f/f</c> or <c>CplD 01:00.0 -> 00:00.0 tag=0x12 SC bc=128 la=0x40 len=32</c>. Lengths are in DW.
/// </summary>
public static class TlpText
{
    public static string Describe(in Tlp tlp)
    {
        var text = new StringBuilder(96);
        text.Append(tlp.Type);
        if (tlp.IsCompletion) AppendCompletion(text, tlp);
        else if (tlp.IsMessage) AppendMessage(text, tlp);
        else AppendRequest(text, tlp);
        AppendUncommon(text, tlp);
        return text.ToString();
    }

    /// <summary>The specification's short name: SC, UR, RRS, CA; null for the reserved values.</summary>
    public static string? StatusName(CompletionStatus status) => status switch
    {
        CompletionStatus.SuccessfulCompletion => "SC",
        CompletionStatus.UnsupportedRequest => "UR",
        CompletionStatus.RequestRetryStatus => "RRS",
        CompletionStatus.CompleterAbort => "CA",
        _ => null,
    };

    private static void AppendRequest(StringBuilder text, in Tlp tlp)
    {
        text.Append(CultureInfo.InvariantCulture, $" {tlp.Requester}");
        if (tlp.FlowControlClass == FlowControlClass.NonPosted) text.Append(CultureInfo.InvariantCulture, $" tag=0x{tlp.Tag:x}");
        if (tlp.IsConfiguration)
        {
            text.Append(CultureInfo.InvariantCulture, $" -> {tlp.Target} reg=0x{tlp.RegisterOffset:x} be={tlp.FirstBe:x}");
            return;
        }
        text.Append(CultureInfo.InvariantCulture, $" -> 0x{tlp.Address:x}");
        if (tlp.IsIo) text.Append(CultureInfo.InvariantCulture, $" be={tlp.FirstBe:x}");
        else if (tlp.IsAtomic) text.Append(CultureInfo.InvariantCulture, $" len={tlp.LengthDw}");
        else text.Append(CultureInfo.InvariantCulture, $" len={tlp.LengthDw} be={tlp.FirstBe:x}/{tlp.LastBe:x}");
    }

    private static void AppendCompletion(StringBuilder text, in Tlp tlp)
    {
        var status = StatusName(tlp.Status) ?? ((int)tlp.Status).ToString(CultureInfo.InvariantCulture);
        text.Append(CultureInfo.InvariantCulture, $" {tlp.Completer} -> {tlp.Requester} tag=0x{tlp.Tag:x} {status} bc={tlp.ByteCount} la=0x{tlp.LowerAddress:x}");
        if (tlp.HasData) text.Append(CultureInfo.InvariantCulture, $" len={tlp.LengthDw}");
        if (tlp.ByteCountModified) text.Append(" BCM");
    }

    private static void AppendMessage(StringBuilder text, in Tlp tlp)
    {
        var code = (MessageCode)tlp.MessageCode;
        var name = Enum.IsDefined(code) ? code.ToString() : $"code=0x{tlp.MessageCode:x2}";
        text.Append(CultureInfo.InvariantCulture, $" {name} {tlp.Requester} -> ");
        if (tlp.Routing == MessageRouting.ById) text.Append(tlp.Target);
        else if (tlp.Routing == MessageRouting.ByAddress) text.Append(CultureInfo.InvariantCulture, $"0x{tlp.MessageHeader:x}");
        else text.Append(tlp.Routing);
        if (tlp.HasData) text.Append(CultureInfo.InvariantCulture, $" len={tlp.LengthDw}");
    }

    private static void AppendUncommon(StringBuilder text, in Tlp tlp)
    {
        if (tlp.TrafficClass != 0) text.Append(CultureInfo.InvariantCulture, $" tc={tlp.TrafficClass}");
        if (tlp.IdBasedOrdering) text.Append(" IDO");
        if (tlp.RelaxedOrdering) text.Append(" RO");
        if (tlp.NoSnoop) text.Append(" NS");
        if (tlp.AddressType != AddressType.Untranslated) text.Append(CultureInfo.InvariantCulture, $" at={(int)tlp.AddressType}");
        if (tlp.HasProcessingHints) text.Append(CultureInfo.InvariantCulture, $" ph={tlp.ProcessingHint} st=0x{tlp.SteeringTag:x2}");
        if (tlp.HasPasid) text.Append(CultureInfo.InvariantCulture, $" pasid=0x{tlp.Pasid:x}");
        if (tlp.PasidExecuteRequested) text.Append(" exec");
        if (tlp.PasidPrivilegedMode) text.Append(" priv");
        if (tlp.HasDigest) text.Append(" TD");
        if (tlp.IsPoisoned) text.Append(" EP");
    }
}
