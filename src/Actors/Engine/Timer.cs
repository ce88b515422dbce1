using System.Runtime.InteropServices;

namespace PcieFabric.Engine;

/// <summary>The body of <see cref="MessageKind.Timer"/>: what the actor wanted to be reminded of. A timer is not cancelled; its actor ignores it.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct Timer(int Id, ulong Argument);
