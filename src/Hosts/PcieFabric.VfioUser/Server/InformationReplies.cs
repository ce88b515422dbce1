using System.Runtime.InteropServices;
using PcieFabric.VfioUser.Devices;
using PcieFabric.VfioUser.Interop;
using PcieFabric.VfioUser.Protocol;

namespace PcieFabric.VfioUser.Server;

/// <summary>What a client asks about the function before it uses it. It says how long a reply it can take; newer clients may say more than we know.</summary>
internal sealed class InformationReplies
{
    private readonly DeviceDescription _description;

    public InformationReplies(DeviceDescription description) => _description = description;

    public Answer Device(ReadOnlySpan<byte> payload, Span<byte> reply)
    {
        if (!TryRead<DeviceInfoPayload>(payload, out var asked, out var size) || asked.ArgumentBytes < size) return Errno.EINVAL;
        var flags = DeviceInfoPayload.IsPci | (_description.CanReset ? DeviceInfoPayload.CanReset : 0);
        var info = new DeviceInfoPayload((uint)size, flags, DeviceDescription.RegionCount, DeviceDescription.InterruptCount);
        MemoryMarshal.Write(reply, in info);
        return Answer.Of(size);
    }

    public Answer Interrupts(ReadOnlySpan<byte> payload, Span<byte> reply)
    {
        if (!TryRead<IrqInfoPayload>(payload, out var asked, out var size) || asked.ArgumentBytes < size || asked.Index >= DeviceDescription.InterruptCount) return Errno.EINVAL;
        var index = (InterruptIndex)asked.Index;
        var flags = IrqInfoPayload.ByEvent | (index == InterruptIndex.Intx ? IrqInfoPayload.Maskable | IrqInfoPayload.MasksItself : 0);
        var info = new IrqInfoPayload((uint)size, flags, asked.Index, (uint)_description.Vectors(index));
        MemoryMarshal.Write(reply, in info);
        return Answer.Of(size);
    }

    /// <summary>
    /// Capabilities are left out where the client has no room for them, and <c>argsz</c> tells how much it needs. The flag for them is left out too: QEMU takes an
    /// offset of zero beside that flag for an error.
    /// </summary>
    public Answer Region(ReadOnlySpan<byte> payload, Span<byte> reply)
    {
        if (!TryRead<RegionInfoPayload>(payload, out var asked, out var size) || asked.ArgumentBytes < size || asked.Index >= DeviceDescription.RegionCount) return Errno.EINVAL;
        var region = _description[(RegionIndex)asked.Index];
        var areas = region.Mapping?.Areas ?? [];
        var full = size + (areas.Count == 0 ? 0 : Marshal.SizeOf<SparseMapPayload>() + areas.Count * 2 * sizeof(ulong));
        var told = full <= asked.ArgumentBytes ? full : size;
        var flags = (region.Readable ? RegionInfoPayload.Readable : 0)
            | (region.Writable ? RegionInfoPayload.Writable : 0)
            | (region.Mapping is null ? 0 : RegionInfoPayload.Mappable)
            | (told > size ? RegionInfoPayload.HasCapabilities : 0);
        var info = new RegionInfoPayload((uint)full, flags, asked.Index, told > size ? (uint)size : 0, region.SizeBytes, region.Mapping?.FileOffset ?? 0);
        MemoryMarshal.Write(reply, in info);
        if (told > size) WriteAreas(areas, reply[size..]);
        return Answer.Of(told, region.Mapping?.File);
    }

    private static void WriteAreas(IReadOnlyList<(ulong Offset, ulong SizeBytes)> areas, Span<byte> into)
    {
        var header = new SparseMapPayload(SparseMapPayload.CapabilityId, SparseMapPayload.CapabilityVersion, Next: 0, (uint)areas.Count, 0);
        MemoryMarshal.Write(into, in header);
        into = into[Marshal.SizeOf<SparseMapPayload>()..];
        foreach (var (offset, sizeBytes) in areas)
        {
            MemoryMarshal.Write(into, in offset);
            MemoryMarshal.Write(into[sizeof(ulong)..], in sizeBytes);
            into = into[(2 * sizeof(ulong))..];
        }
    }

    private static bool TryRead<T>(ReadOnlySpan<byte> payload, out T value, out int size)
        where T : unmanaged
    {
        size = Marshal.SizeOf<T>();
        value = default;
        if (payload.Length < size) return false;
        value = MemoryMarshal.Read<T>(payload);
        return true;
    }
}
