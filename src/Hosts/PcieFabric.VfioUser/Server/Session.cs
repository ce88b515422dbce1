using System.Runtime.InteropServices;
using PcieFabric.VfioUser.Devices;
using PcieFabric.VfioUser.Interop;
using PcieFabric.VfioUser.Protocol;

namespace PcieFabric.VfioUser.Server;

/// <summary>What a client's messages do, once a version is agreed on. Runs on the thread that serves the client.</summary>
internal sealed class Session
{
    private readonly IVfioUserDevice _device;
    private readonly DeviceDescription _description;
    private readonly GuestMemory _memory;
    private readonly InterruptTable _interrupts;
    private readonly Capabilities _agreed;
    private readonly InformationReplies _information;

    public Session(IVfioUserDevice device, GuestMemory memory, InterruptTable interrupts, Capabilities agreed)
    {
        (_device, _description, _memory, _interrupts, _agreed) = (device, device.Description, memory, interrupts, agreed);
        _information = new InformationReplies(_description);
    }

    /// <param name="descriptors">Those that are used are taken from it.</param>
    /// <param name="reply">For the payload of the reply.</param>
    public Answer Handle(Command command, ReadOnlySpan<byte> payload, List<Descriptor> descriptors, Span<byte> reply)
    {
        if (descriptors.Count > 0 && command is not (Command.DmaMap or Command.DeviceSetIrqs)) return Errno.EINVAL;
        return command switch
        {
            Command.RegionRead => RegionRead(payload, reply),
            Command.RegionWrite => RegionWrite(payload, reply),
            Command.RegionWriteMulti => RegionWriteMulti(payload, reply),
            Command.DmaMap => DmaMap(payload, descriptors),
            Command.DmaUnmap => DmaUnmap(payload, reply),
            Command.DeviceGetInfo => _information.Device(payload, reply),
            Command.DeviceGetRegionInfo => _information.Region(payload, reply),
            Command.DeviceGetIrqInfo => _information.Interrupts(payload, reply),
            Command.DeviceSetIrqs => SetIrqs(payload, descriptors),
            Command.DeviceReset => Reset(payload),
            Command.DeviceFeature => Feature(payload),
            Command.Version => Errno.EINVAL,
            _ => Errno.ENOSYS,
        };
    }

    private Answer RegionRead(ReadOnlySpan<byte> payload, Span<byte> reply)
    {
        if (payload.Length != RegionAccessBytes) return Errno.EINVAL;
        var access = MemoryMarshal.Read<RegionAccessPayload>(payload);
        if (!Allows(in access, _agreed.MaxTransferBytes, out var region) || !region.Readable) return Errno.EINVAL;
        MemoryMarshal.Write(reply, in access);
        var data = reply.Slice(RegionAccessBytes, (int)access.Count);
        var error = data.IsEmpty ? Errno.None : _device.Read((RegionIndex)access.Region, access.Offset, data);
        return error == Errno.None ? Answer.Of(RegionAccessBytes + data.Length) : error;
    }

    private Answer RegionWrite(ReadOnlySpan<byte> payload, Span<byte> reply)
    {
        if (payload.Length < RegionAccessBytes) return Errno.EINVAL;
        var access = MemoryMarshal.Read<RegionAccessPayload>(payload);
        var data = payload[RegionAccessBytes..];
        if ((uint)data.Length != access.Count) return Errno.EINVAL;
        var error = Write(in access, data);
        if (error != Errno.None) return error;
        MemoryMarshal.Write(reply, in access);
        return Answer.Of(RegionAccessBytes);
    }

    private Answer RegionWriteMulti(ReadOnlySpan<byte> payload, Span<byte> reply)
    {
        const int WriteBytes = 24;
        if (!_agreed.WriteMultiple) return Errno.ENOSYS;
        if (payload.Length < sizeof(ulong)) return Errno.EINVAL;
        var count = MemoryMarshal.Read<ulong>(payload);
        var writes = payload[sizeof(ulong)..];
        if (count > Limits.VfioUserWrites || writes.Length != (int)count * WriteBytes) return Errno.EINVAL;
        for (; !writes.IsEmpty; writes = writes[WriteBytes..])
        {
            var write = MemoryMarshal.Read<SmallWritePayload>(writes);
            if (write.Count > sizeof(ulong)) return Errno.EINVAL;
            var error = Write(new RegionAccessPayload(write.Offset, write.Region, write.Count), writes.Slice(RegionAccessBytes, (int)write.Count));
            if (error != Errno.None) return error;
        }
        MemoryMarshal.Write(reply, in count);
        return Answer.Of(sizeof(ulong));
    }

    private Errno Write(in RegionAccessPayload access, ReadOnlySpan<byte> data)
    {
        if (!Allows(in access, _agreed.MaxTransferBytes, out var region) || !region.Writable) return Errno.EINVAL;
        return data.IsEmpty ? Errno.None : _device.Write((RegionIndex)access.Region, access.Offset, data);
    }

    private Answer DmaMap(ReadOnlySpan<byte> payload, List<Descriptor> descriptors)
    {
        if (descriptors.Count > 1 || !TryRead<DmaMapPayload>(payload, out var asked) || asked.ArgumentBytes < Marshal.SizeOf<DmaMapPayload>()) return Errno.EINVAL;
        var file = descriptors.Count == 1 ? descriptors[0] : null;
        descriptors.Clear();
        return _memory.Map(in asked, file);
    }

    private Answer DmaUnmap(ReadOnlySpan<byte> payload, Span<byte> reply)
    {
        if (!TryRead<DmaUnmapPayload>(payload, out var asked) || asked.ArgumentBytes < Marshal.SizeOf<DmaUnmapPayload>()) return Errno.EINVAL;
        var error = _memory.Unmap(in asked);
        if (error != Errno.None) return error;
        MemoryMarshal.Write(reply, in asked);
        return Answer.Of(Marshal.SizeOf<DmaUnmapPayload>());
    }

    private Answer SetIrqs(ReadOnlySpan<byte> payload, List<Descriptor> descriptors)
    {
        const int FixedBytes = 20;
        if (payload.Length < FixedBytes) return Errno.EINVAL;
        var asked = MemoryMarshal.Read<IrqSetPayload>(payload);
        return asked.ArgumentBytes < FixedBytes ? Errno.EINVAL : _interrupts.Set(in asked, payload[FixedBytes..], descriptors);
    }

    private Answer Reset(ReadOnlySpan<byte> payload)
    {
        if (!payload.IsEmpty) return Errno.EINVAL;
        return _description.CanReset ? _device.Reset() : Errno.ENOTTY;
    }

    /// <summary>We have none of the features, all of which are about migration and power. The kernel says so with ENOTTY (drivers/vfio/vfio_main.c), and QEMU looks for that.</summary>
    private static Answer Feature(ReadOnlySpan<byte> payload)
    {
        if (payload.Length < Marshal.SizeOf<DeviceFeaturePayload>()) return Errno.EINVAL;
        var asked = MemoryMarshal.Read<DeviceFeaturePayload>(payload);
        const uint Operations = DeviceFeaturePayload.Get | DeviceFeaturePayload.Set;
        var isWrong = asked.ArgumentBytes < Marshal.SizeOf<DeviceFeaturePayload>()
            || (asked.Flags & ~(DeviceFeaturePayload.FeatureBits | Operations | DeviceFeaturePayload.Probe)) != 0
            || ((asked.Flags & DeviceFeaturePayload.Probe) == 0 && (asked.Flags & Operations) is 0 or Operations);
        return isWrong ? Errno.EINVAL : Errno.ENOTTY;
    }

    private const int RegionAccessBytes = 16;

    private bool Allows(in RegionAccessPayload access, int mostBytes, out RegionDescription region)
    {
        region = _description[(RegionIndex)Math.Min(access.Region, DeviceDescription.RegionCount - 1)];
        return access.Region < DeviceDescription.RegionCount && access.Count <= (uint)mostBytes && access.Offset <= region.SizeBytes && access.Count <= region.SizeBytes - access.Offset;
    }

    private static bool TryRead<T>(ReadOnlySpan<byte> payload, out T value)
        where T : unmanaged
    {
        value = default;
        if (payload.Length != Marshal.SizeOf<T>()) return false;
        value = MemoryMarshal.Read<T>(payload);
        return true;
    }
}
