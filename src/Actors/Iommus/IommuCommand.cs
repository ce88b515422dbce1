using System.Runtime.InteropServices;
using PcieFabric.AddressTranslation;

namespace PcieFabric.Iommus;

/// <summary>The body of <see cref="Engine.MessageKind.IommuCommand"/>. Without padding, as messages are compared byte by byte.</summary>
/// <param name="Sequence">Comes back in the report.</param>
/// <param name="Base">I/O address of a range; of <see cref="IommuOperation.UseInterrupt"/> where to write.</param>
/// <param name="Size">In bytes; of <see cref="IommuOperation.UseInterrupt"/> what to write.</param>
/// <param name="Address">What the range maps to.</param>
/// <param name="InvalidateDepth">Invalidate Requests that the function takes at a time, 1 to 32; zero if it may not use ATS.</param>
/// <param name="PassThrough">Of a new domain.</param>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct IommuCommand(
    ulong Base, ulong Size, ulong Address, ulong Sequence, int Domain, DeviceId Device, uint Pasid, IommuOperation Operation, PagePermissions Permissions, byte InvalidateDepth, bool PassThrough)
{
    public AddressRange Range => new(Base, Size);
}
