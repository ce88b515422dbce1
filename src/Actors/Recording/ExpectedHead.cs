namespace PcieFabric.Recording;

/// <summary>What is expected of a message, beside its bytes.</summary>
/// <param name="Payload">The number of its payload, less a multiple of those that are in reach.</param>
internal readonly record struct ExpectedHead(int Channel, ushort Payload, ExpectedBody Body);
