namespace PcieFabric.Tlps;

/// <summary>What a port's Device Control register allows (PCIe 6.0 section 7.5.3.4), in bytes: 128 to 4096, powers of two.</summary>
/// <param name="MaxPayloadBytes">Max_Payload_Size.</param>
/// <param name="MaxReadRequestBytes">Max_Read_Request_Size. Binds requesters; a receiver that judges others leaves it at 4096.</param>
public readonly record struct TlpLimits(int MaxPayloadBytes, int MaxReadRequestBytes = Limits.MaxPayloadBytes);
