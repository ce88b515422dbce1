using System.Runtime.InteropServices;

namespace PcieFabric.Ports;

/// <summary>The body of <see cref="Engine.MessageKind.CreditReturn"/>: what an UpdateFC DLLP says (PCIe 6.0 section 3.5.2), as an increment.</summary>
/// <param name="Data">In units of 16 bytes.</param>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct CreditReturn(FlowControlClass FlowControlClass, int Headers, int Data);
