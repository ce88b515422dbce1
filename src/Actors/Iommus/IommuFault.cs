using System.Runtime.InteropServices;

namespace PcieFabric.Iommus;

/// <summary>A fault record.</summary>
/// <param name="Address">As the request had it.</param>
/// <param name="Time">When the IOMMU found out.</param>
/// <param name="PasidOrNone">The PASID, or <see cref="DeviceId.NoPasid"/>.</param>
/// <param name="Details">Bits 7:0 <see cref="Kind"/>, bit 8 <see cref="IsWrite"/>, bit 9 <see cref="FollowsLoss"/>: together, so that the record has no padding, as messages are compared byte by byte.</param>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct IommuFault(ulong Address, SimTime Time, DeviceId Device, uint PasidOrNone, ulong Details)
{
    private const ulong WriteBit = 1 << 8, LossBit = 1 << 9;

    public IommuFault(ulong address, SimTime time, DeviceId device, uint pasidOrNone, IommuFaultKind kind, bool isWrite)
        : this(address, time, device, pasidOrNone, (ulong)kind | (isWrite ? WriteBit : 0))
    {
    }

    public IommuFaultKind Kind => (IommuFaultKind)(Details & 0xFF);

    /// <summary>The request would have written: a write or an AtomicOp.</summary>
    public bool IsWrite => (Details & WriteBit) != 0;

    /// <summary>Records before this one were lost, because the queue was full.</summary>
    public bool FollowsLoss => (Details & LossBit) != 0;

    /// <summary>Null if the request had none.</summary>
    public uint? Pasid => PasidOrNone == DeviceId.NoPasid ? null : PasidOrNone;

    internal IommuFault AfterLoss() => this with { Details = Details | LossBit };
}
