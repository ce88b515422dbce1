using System.Numerics;
using PcieFabric.Input;

namespace PcieFabric.Links;

/// <summary>What is fixed about a link: the same in both directions. A value out of its range throws <see cref="InputException"/> when it is set; what depends on several, <see cref="Validate"/> checks.</summary>
public sealed record LinkSettings
{
    /// <summary>Generation 3 unless said otherwise, as the parts that most published measurements were made with.</summary>
    public LinkGeneration Generation { get; init; } = LinkGeneration.Gen3;

    /// <summary>x8 unless said otherwise, for the same reason.</summary>
    public LinkWidth Width { get; init; } = LinkWidth.X8;

    /// <summary>From the last bit sent to the last bit received: 50 ns unless said otherwise, two PHYs and a board's traces. Above zero, as it is the look-ahead of parallel runs.</summary>
    public SimTime Propagation
    {
        get;
        init => field = value.Picoseconds is > 0 and <= Limits.MaxPropagationPs
            ? value
            : throw new InputException($"a link cannot have a propagation latency of {value}", $"more than 0 ps and at most {new SimTime(Limits.MaxPropagationPs)}");
    } = SimTime.FromNanoseconds(50);

    /// <summary>MPS, in bytes: 256 unless said otherwise, what most servers are set to.</summary>
    public int MaxPayloadSize
    {
        get;
        init => field = PayloadSize(value, "maximum payload size");
    } = 256;

    /// <summary>MRRS, in bytes: 512 unless said otherwise, the reset value (PCIe 6.0 section 7.5.3.4).</summary>
    public int MaxReadRequestSize
    {
        get;
        init => field = PayloadSize(value, "maximum read request size");
    } = 512;

    /// <summary>RCB, in bytes: 64 unless said otherwise; root complexes choose 64 or 128, everything else has 128 (PCIe 6.0 section 2.3.1.1).</summary>
    public int ReadCompletionBoundary
    {
        get;
        init => field = value is 64 or 128 ? value : throw new InputException($"there is no read completion boundary of {value} bytes", "64 or 128");
    } = 64;

    /// <summary>The published overheads as a share of the rate unless said otherwise: no events of their own, and comparable with the published model.</summary>
    public DllpMode DllpMode
    {
        get;
        init => field = value <= DllpMode.None ? value : throw new InputException($"there is no DLLP mode {(int)value}", "RateFactor, Real or None");
    }

    /// <summary>What each end grants the other. Unless said otherwise enough that the link never waits for a receiver that keeps up (<see cref="CreditLimits.SizedFor"/>).</summary>
    public CreditLimits Credits
    {
        get => _credits ?? CreditLimits.SizedFor(LinkRate.RawBitsPerSecond(Generation, Width), Propagation, MaxPayloadSize);
        init => _credits = value;
    }

    private readonly CreditLimits? _credits;

    /// <summary>Bits a second that are left for TLPs in each direction, after encoding and the share that <see cref="DllpMode"/> takes.</summary>
    public double TlpBitsPerSecond =>
        LinkRate.RawBitsPerSecond(Generation, Width) * DllpOverhead.RateFactor(DllpMode, Generation, Width, MaxPayloadSize);

    /// <summary>Checks what depends on several values: that the credits let the largest TLPs pass. Whoever builds a link calls it.</summary>
    /// <returns>These settings.</returns>
    /// <exception cref="InputException">The link could not work.</exception>
    public LinkSettings Validate()
    {
        Credits.Validate(MaxPayloadSize);
        return this;
    }

    private static int PayloadSize(int bytes, string name) =>
        bytes is >= 128 and <= Limits.MaxPayloadBytes && BitOperations.IsPow2(bytes)
            ? bytes
            : throw new InputException($"there is no {name} of {bytes} bytes", "128, 256, 512, 1024, 2048 or 4096");
}
