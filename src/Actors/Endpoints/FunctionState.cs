using System.Runtime.InteropServices;
using PcieFabric.ConfigSpaces;

namespace PcieFabric.Endpoints;

/// <summary>
/// The body of <see cref="Engine.MessageKind.FunctionState"/>: what a function's configuration lets it do, for the actor that models it.
/// </summary>
/// <param name="MaxPayloadBytes">MPS; <paramref name="MaxReadRequestBytes"/> MRRS.</param>
/// <param name="TagBits">5, 8 or 10.</param>
/// <param name="DeviceControl2">For the completion timeout.</param>
/// <param name="MayInitiate">Bus Master Enable is set and the function is in D0.</param>
/// <param name="AtsShift">While ATS is enabled the binary logarithm of its Smallest Translation Unit in bytes, 12 or more; else zero.</param>
/// <param name="WasReset">The function has just been reset: it forgets what it was doing.</param>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct FunctionState(Bdf Id, ushort MaxPayloadBytes, ushort MaxReadRequestBytes, ushort DeviceControl2, byte TagBits, byte AtsShift, bool MayInitiate, bool WasReset)
{
    private const int DeviceControl2Offset = 0x28;

    internal static FunctionState Of(Bdf id, Function function, bool wasReset)
    {
        var (express, controls) = (function.Governing.Layout.Express, function.Governing.Space);
        var tagBits = express.Device.TagBits(controls);
        return new FunctionState(
            id,
            (ushort)express.Device.MaxPayloadBytes(controls),
            (ushort)express.Device.MaxReadRequestBytes(controls),
            (ushort)controls.Read(new RegisterOffset(express.Offset + DeviceControl2Offset)),
            // 10-bit tags of virtual functions are optional (PCIe 6.0 section 9.3.3.3.5), and ours have none.
            (byte)(function.Physical is null ? tagBits : Math.Min(tagBits, (int)TagWidth.EightBits)),
            function.Layout.Ats is { } ats && function.Space[ats.Enable] ? (byte)System.Numerics.BitOperations.Log2(ats.SmallestTranslationUnitBytes(function.Space)) : (byte)0,
            function.MayInitiate,
            wasReset);
    }
}
