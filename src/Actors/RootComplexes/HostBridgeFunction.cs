using System.Buffers.Binary;
using PcieFabric.ConfigSpaces;

namespace PcieFabric.RootComplexes;

/// <summary>
/// The host bridge as software finds it on the root bus: function 0 of device 0. It is there where a root complex has so many ports that functions 1 to 7 of that device
/// are root ports too, as on AMD's processors: of a device without function 0 software looks for no other (PCIe 6.0 section 7.5.1.1.9). With it all 65,536 numbers of a segment can be in use.
/// </summary>
public sealed class HostBridgeFunction
{
    /// <summary>Host bridge.</summary>
    public const uint ClassCode = 0x060000;

    public HostBridgeFunction(HostBridge ids)
    {
        var header = new Type0Header(new FunctionIdentity(ids.VendorId, ids.DeviceId, ClassCode), []);
        Space = new ConfigSpace(new ConfigSpaceLayout(header, []));
        Space[header.MultiFunction] = true;
    }

    /// <summary>To be read when the engine stands still.</summary>
    public ConfigSpace Space { get; }

    /// <summary>Answers a configuration request.</summary>
    internal Tlp Configure(ref readonly Tlp request, PayloadPool payloads)
    {
        var at = new RegisterOffset(request.RegisterOffset);
        if (!request.HasData)
        {
            var answer = Tlp.CompletionWithData(in request, request.Target, 0, 1, payloads);
            BinaryPrimitives.WriteUInt32LittleEndian(answer.WritablePayload, Space.Read(at));
            return answer;
        }
        Space.Write(at, new MaskedDword(BinaryPrimitives.ReadUInt32LittleEndian(request.Payload), request.FirstBe));
        return Tlp.CompletionFor(in request, request.Target, CompletionStatus.SuccessfulCompletion);
    }
}
