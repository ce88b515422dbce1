using System.Runtime.InteropServices;

namespace PcieFabric.EndpointControllers;

/// <summary>The body of <see cref="Engine.MessageKind.ControllerCall"/>.</summary>
/// <param name="Slot">The caller's own number, which comes back with the answer.</param>
/// <param name="Number">Of a BAR, a vector, a part; how many vectors.</param>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal readonly record struct ControllerCall(
    int Slot, ControllerOperation Operation, ushort Number, ulong Address = 0, ulong SizeBytes = 0, ulong Flags = 0, ulong Other = 0);

/// <summary>The body of <see cref="Engine.MessageKind.ControllerReply"/>.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal readonly record struct ControllerReply(int Slot, ControllerOperation Operation, ControllerRule Rule, ulong Value, ulong Data);
