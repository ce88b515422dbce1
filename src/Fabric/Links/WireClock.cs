using System.Runtime.CompilerServices;

namespace PcieFabric.Links;

/// <summary>
/// One direction of a link in time: when what is sent next starts and ends on the wire. The time of a byte is held in units of 2^-32 ps and
/// what a packet leaves of a picosecond is carried to the next, so a stream of any length keeps the link's rate to 1e-9. Integers only: the
/// same on every machine. A mutable value; keep it in a field and pass it by reference.
/// </summary>
public struct WireClock
{
    private const double FractionsPerPicosecond = 4294967296.0;

    private readonly long _wholePsPerByte;
    private readonly ulong _fractionPerByte;
    private long _freeAtPs;
    private ulong _fraction;

    /// <param name="bitsPerSecond">What the wire carries of packets, framing included: <see cref="LinkSettings.TlpBitsPerSecond"/>. 1 Mb/s to 8 Tb/s.</param>
    public WireClock(double bitsPerSecond)
    {
        if (bitsPerSecond is not (>= 1e6 and <= 8e12)) throw new ArgumentOutOfRangeException(nameof(bitsPerSecond), bitsPerSecond, "1 Mb/s to 8 Tb/s");
        // The only floating point: division and rounding of IEEE doubles, defined to the bit, once a link.
        var fractionsPerByte = (ulong)Math.Round(8e12 / bitsPerSecond * FractionsPerPicosecond);
        _wholePsPerByte = (long)(fractionsPerByte >> 32);
        _fractionPerByte = (uint)fractionsPerByte;
    }

    /// <summary>One direction of a link with these settings.</summary>
    public WireClock(LinkSettings settings)
        : this(settings.TlpBitsPerSecond)
    {
    }

    /// <summary>When the wire is done with everything sent so far.</summary>
    public readonly long FreeAtPs => _freeAtPs;

    /// <summary>What <see cref="FreeAtPs"/> leaves out of a picosecond, in units of 2^-32 ps.</summary>
    public readonly uint Fraction => (uint)_fraction;

    /// <summary>The wire gets free at another time: as after packets that are accounted for elsewhere.</summary>
    public void MoveTo(long freeAtPs, uint fraction) => (_freeAtPs, _fraction) = (freeAtPs, fraction);

    /// <summary>How long a packet occupies the wire, to the picosecond below.</summary>
    public readonly long DurationPs(int wireBytes) => wireBytes * _wholePsPerByte + (long)((uint)wireBytes * _fractionPerByte >> 32);

    /// <summary>Sends a packet as soon as the wire is free.</summary>
    /// <param name="nowPs">The present, or a later time before which the packet is not there.</param>
    /// <param name="wireBytes">Not negative; <see cref="TlpWireSize.Bytes"/>, or the sum over a train of packets.</param>
    /// <param name="startPs">First bit out: now, or when the wire gets free.</param>
    /// <param name="endPs">Last bit out; the receiver has it a propagation latency later.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Transmit(long nowPs, int wireBytes, out long startPs, out long endPs)
    {
        startPs = _freeAtPs;
        // The fraction belongs to the time at which the wire gets free; after a pause a packet starts on a whole picosecond.
        if (nowPs > startPs) (startPs, _fraction) = (nowPs, 0);
        // Below 2^31 * 2^32 + 2^32: cannot overflow. Whole and fraction apart let this hold for any int of bytes.
        var fraction = _fraction + (uint)wireBytes * _fractionPerByte;
        endPs = startPs + wireBytes * _wholePsPerByte + (long)(fraction >> 32);
        _fraction = (uint)fraction;
        _freeAtPs = endPs;
    }
}
