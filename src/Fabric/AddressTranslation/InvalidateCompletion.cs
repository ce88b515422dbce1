using PcieFabric.Addressing;
using PcieFabric.Tlps;

namespace PcieFabric.AddressTranslation;

/// <summary>
/// A function's answer to one <see cref="InvalidateRequest"/> or several (PCIe 6.0 section 10.3.2): Msg routed by ID, CC in header bits 34:32 and the ITag Vector in 31:0.
/// </summary>
/// <param name="Tags">One bit for each ITag that is done.</param>
/// <param name="CompletionCount">How many completions the request gets, one for each traffic class in use: 1 to 8; eight is sent as zero.</param>
public readonly record struct InvalidateCompletion(uint Tags, int CompletionCount = 1)
{
    public Tlp ToTlp(Bdf function, Bdf agent) => Tlp.Message(
        MessageRouting.ById, (byte)MessageCode.Invalidate_Completion, function, header: (ulong)(CompletionCount & 7) << 32 | Tags, target: agent);

    public static InvalidateCompletion Of(in Tlp message)
    {
        var count = (int)(message.MessageHeader >> 32) & 7;
        return new InvalidateCompletion((uint)message.MessageHeader, count == 0 ? 8 : count);
    }
}
