using System.Runtime.InteropServices;
using PcieFabric.ConfigSpaces;
using PcieFabric.ConfigSpaces.Functions;

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

    public static FunctionState Of(Bdf id, EndpointFunctionLayout layout, ConfigSpace space, bool wasReset)
    {
        var device = layout.Express.Device;
        return new FunctionState(
            id,
            (ushort)device.MaxPayloadBytes(space),
            (ushort)device.MaxReadRequestBytes(space),
            (ushort)space.Read(new RegisterOffset(layout.Express.Offset + DeviceControl2Offset)),
            (byte)device.TagBits(space),
            layout.Ats is { } ats && space[ats.Enable] ? (byte)System.Numerics.BitOperations.Log2(ats.SmallestTranslationUnitBytes(space)) : (byte)0,
            layout.MayInitiate(space),
            wasReset);
    }
}
