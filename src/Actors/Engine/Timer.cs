namespace PcieFabric.Engine;

/// <summary>The body of <see cref="MessageKind.Timer"/>: what the actor wanted to be reminded of. A timer is not cancelled; its actor ignores it.</summary>
public readonly record struct Timer(int Id, ulong Argument);
