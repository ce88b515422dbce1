using System.Runtime.InteropServices;
using PcieFabric.VfioUser.Devices;
using PcieFabric.VfioUser.Protocol;

namespace PcieFabric.VfioUser.Tests.Server;

/// <summary>Messages by the byte.</summary>
internal static class Messages
{
    /// <summary>One right message of each command that a client sends.</summary>
    public static IReadOnlyList<byte[]> OfEachCommand { get; } =
    [
        Of(Command.DmaMap, Bytes(new DmaMapPayload(32, DmaMapFlags.Readable | DmaMapFlags.Writable, 0, 0x10_0000, 0x1000))),
        Of(Command.DmaUnmap, Bytes(new DmaUnmapPayload(24, 0, 0x10_0000, 0x1000))),
        Of(Command.DmaUnmap, Bytes(new DmaUnmapPayload(24, DmaUnmapPayload.All, 0, 0))),
        Of(Command.DeviceGetInfo, Bytes(new DeviceInfoPayload(16, 0, 0, 0))),
        Of(Command.DeviceGetRegionInfo, Bytes(new RegionInfoPayload(32, 0, (uint)RegionIndex.Bar0, 0, 0, 0))),
        Of(Command.DeviceGetIrqInfo, Bytes(new IrqInfoPayload(16, 0, (uint)InterruptIndex.MsiX, 0))),
        Of(Command.DeviceSetIrqs, Bytes(new IrqSetPayload(20, IrqSetFlags.DataNone | IrqSetFlags.Trigger, (uint)InterruptIndex.MsiX, 0, 0))),
        Of(Command.DeviceSetIrqs, Bytes(new IrqSetPayload(23, IrqSetFlags.DataBool | IrqSetFlags.Trigger, (uint)InterruptIndex.MsiX, 0, 3)), [1, 0, 1]),
        Of(Command.DeviceSetIrqs, Bytes(new IrqSetPayload(20, IrqSetFlags.DataEvent | IrqSetFlags.Trigger, (uint)InterruptIndex.Msi, 0, 2))),
        Of(Command.DeviceSetIrqs, Bytes(new IrqSetPayload(20, IrqSetFlags.DataEvent | IrqSetFlags.Unmask, (uint)InterruptIndex.Intx, 0, 1))),
        Of(Command.RegionRead, Bytes(new RegionAccessPayload(8, (uint)RegionIndex.Bar0, 4))),
        Of(Command.RegionWrite, Bytes(new RegionAccessPayload(8, (uint)RegionIndex.Bar0, 4)), [1, 2, 3, 4]),
        Of(Command.RegionWriteMulti, Bytes(1ul), Bytes(new SmallWritePayload(16, (uint)RegionIndex.Bar0, 8, 0x1122334455667788))),
        Of(Command.DeviceReset),
        Of(Command.DeviceFeature, Bytes(new DeviceFeaturePayload(8, DeviceFeaturePayload.Probe | DeviceFeaturePayload.Get | 1))),
    ];

    public static byte[] Of(Command command, params byte[][] parts)
    {
        var payload = parts.SelectMany(part => part).ToArray();
        return [.. Bytes(FrameHeader.Asking(7, command, payload.Length)), .. payload];
    }

    public static byte[] Bytes<T>(T value)
        where T : unmanaged => MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)).ToArray();
}
