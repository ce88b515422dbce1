namespace PcieFabric.Tlps;

/// <summary>How long a requester waits for its completions: the Completion Timeout Value field of Device Control 2 (PCIe 6.0 section 7.5.3.16).</summary>
/// <param name="Shortest">A requester must not give up earlier.</param>
/// <param name="Longest">It must have given up by then; <see cref="SimTime.Never"/> while the mechanism is disabled.</param>
public readonly record struct CompletionTimeout(SimTime Shortest, SimTime Longest)
{
    private const int ValueMask = 0xF, DisableBit = 0x10;

    /// <summary>What Device Control 2 has after reset: 50 us to 50 ms.</summary>
    public static readonly CompletionTimeout Default = Microseconds(50, 50_000);

    /// <param name="deviceControl2">The register; bits 3:0 give the range, bit 4 disables.</param>
    /// <returns>Reserved values are taken as the default range.</returns>
    public static CompletionTimeout FromDeviceControl2(ushort deviceControl2)
    {
        if ((deviceControl2 & DisableBit) != 0) return new CompletionTimeout(SimTime.Never, SimTime.Never);
        return (deviceControl2 & ValueMask) switch
        {
            0b0001 => Microseconds(50, 100),
            0b0010 => Microseconds(1_000, 10_000),
            0b0101 => Microseconds(16_000, 55_000),
            0b0110 => Microseconds(65_000, 210_000),
            0b1001 => Microseconds(260_000, 900_000),
            0b1010 => Microseconds(1_000_000, 3_500_000),
            0b1101 => Microseconds(4_000_000, 13_000_000),
            0b1110 => Microseconds(17_000_000, 64_000_000),
            _ => Default,
        };
    }

    private static CompletionTimeout Microseconds(double shortest, double longest) => new(SimTime.FromMicroseconds(shortest), SimTime.FromMicroseconds(longest));
}
