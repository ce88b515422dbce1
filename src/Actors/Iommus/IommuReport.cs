using System.Runtime.InteropServices;

namespace PcieFabric.Iommus;

/// <summary>The body of <see cref="Engine.MessageKind.IommuReport"/>: the answer to a command. Without padding, as messages are compared byte by byte.</summary>
/// <param name="Bytes">That were mapped and are not any more.</param>
/// <param name="Sequence">Of the command.</param>
/// <param name="Fault">Of <see cref="IommuOperation.TakeFault"/>.</param>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct IommuReport(ulong Bytes, IommuFault Fault, uint Sequence, IommuStatus Status);
