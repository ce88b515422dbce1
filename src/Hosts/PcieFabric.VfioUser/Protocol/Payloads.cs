using System.Runtime.InteropServices;

namespace PcieFabric.VfioUser.Protocol;

// What stands behind the header, in the byte order of the machine. "ArgumentBytes" is the protocol's argsz: how much the client can take, or we would need.

/// <summary>VFIO_USER_DMA_MAP: 32 bytes, and the file's descriptor beside them where the memory can be mapped.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public record struct DmaMapPayload(uint ArgumentBytes, DmaMapFlags Flags, ulong Offset, ulong Address, ulong SizeBytes);

/// <summary>VFIO_USER_DMA_UNMAP: 24 bytes; the reply repeats them.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public record struct DmaUnmapPayload(uint ArgumentBytes, uint Flags, ulong Address, ulong SizeBytes)
{
    /// <summary>All maps at once; address and size are zero then.</summary>
    public const uint All = 1 << 1;
}

/// <summary>VFIO_USER_DEVICE_GET_INFO: 16 bytes, both ways.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public record struct DeviceInfoPayload(uint ArgumentBytes, uint Flags, uint Regions, uint Interrupts)
{
    public const uint CanReset = 1, IsPci = 2;
}

/// <summary>VFIO_USER_DEVICE_GET_REGION_INFO: 32 bytes, both ways; capabilities follow in a reply that has room for them.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public record struct RegionInfoPayload(uint ArgumentBytes, uint Flags, uint Index, uint CapabilityOffset, ulong SizeBytes, ulong Offset)
{
    public const uint Readable = 1, Writable = 2, Mappable = 4, HasCapabilities = 8;
}

/// <summary>VFIO_REGION_INFO_CAP_SPARSE_MMAP: 16 bytes, then the areas that a client may map (<c>include/uapi/linux/vfio.h</c>).</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public record struct SparseMapPayload(ushort Id, ushort Version, uint Next, uint Areas, uint Reserved)
{
    public const ushort CapabilityId = 1, CapabilityVersion = 1;
}

/// <summary>VFIO_USER_DEVICE_GET_IRQ_INFO: 16 bytes, both ways.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public record struct IrqInfoPayload(uint ArgumentBytes, uint Flags, uint Index, uint Count)
{
    public const uint ByEvent = 1, Maskable = 2, MasksItself = 4;
}

/// <summary>VFIO_USER_DEVICE_SET_IRQS: 20 bytes, then a byte for each vector where the data is boolean; events come as descriptors.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public record struct IrqSetPayload(uint ArgumentBytes, IrqSetFlags Flags, uint Index, uint Start, uint Count);

/// <summary>VFIO_USER_REGION_READ and _WRITE: 16 bytes, then the data in a write and in the reply to a read.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public record struct RegionAccessPayload(ulong Offset, uint Region, uint Count);

/// <summary>One write of VFIO_USER_REGION_WRITE_MULTI: 24 bytes, of whose data <c>Count</c> count. A count of them stands before the first, in 8 bytes.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public record struct SmallWritePayload(ulong Offset, uint Region, uint Count, ulong Data);

/// <summary>VFIO_USER_DMA_READ and _WRITE: 16 bytes, then the data in a write and in the reply to a read.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public record struct DmaAccessPayload(ulong Address, ulong Count)
{
    /// <summary>Of the structure, in bytes.</summary>
    public const int Bytes = 16;
}

/// <summary>VFIO_USER_DEVICE_FEATURE: 8 bytes, then what the feature has to say.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public record struct DeviceFeaturePayload(uint ArgumentBytes, uint Flags)
{
    public const uint FeatureBits = 0xffff, Get = 1 << 16, Set = 1 << 17, Probe = 1 << 18;
}

/// <summary>What may be done with a DMA map. The upper two say how its file is meant to be reached, in newer revisions of the protocol.</summary>
[Flags]
public enum DmaMapFlags : uint
{
    None = 0,
    Readable = 1,
    Writable = 2,
    ByMapping = 4,
    ByFileAccess = 8,
}

/// <summary>One of the data types, and one of the actions (<c>include/uapi/linux/vfio.h</c>, VFIO_IRQ_SET).</summary>
[Flags]
public enum IrqSetFlags : uint
{
    DataNone = 1,
    DataBool = 2,
    DataEvent = 4,
    Mask = 8,
    Unmask = 16,
    Trigger = 32,
    Data = DataNone | DataBool | DataEvent,
    Action = Mask | Unmask | Trigger,
}
