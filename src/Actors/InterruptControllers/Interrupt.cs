using System.Runtime.InteropServices;

namespace PcieFabric.InterruptControllers;

/// <summary>The body of <see cref="Engine.MessageKind.Interrupt"/>.</summary>
/// <param name="Vector">A message-signalled vector, or the number of an INTx line.</param>
/// <param name="IsLine">INTx: level-triggered, asserted until deasserted.</param>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct Interrupt(int Vector, bool IsLine, bool Asserted);
