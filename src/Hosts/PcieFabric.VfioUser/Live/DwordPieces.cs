namespace PcieFabric.VfioUser.Live;

/// <summary>Cuts an access of any alignment and length into pieces of one DW each, as configuration and I/O requests are.</summary>
internal ref struct DwordPieces(ulong offset, int sizeBytes)
{
    private int _next;

    /// <summary>Where the DW is.</summary>
    public ulong Dword { get; private set; }

    /// <summary>The first byte in the DW, 0 to 3.</summary>
    public int Lane { get; private set; }

    public int Bytes { get; private set; }

    /// <summary>Where the piece is in the access.</summary>
    public int Done { get; private set; }

    /// <summary>Four bits.</summary>
    public readonly int Enables => ((1 << Bytes) - 1) << Lane;

    public bool MoveNext()
    {
        if (_next == sizeBytes) return false;
        var at = offset + (ulong)_next;
        (Dword, Lane, Done) = (at & ~3ul, (int)(at & 3), _next);
        Bytes = Math.Min(4 - Lane, sizeBytes - _next);
        _next += Bytes;
        return true;
    }

    /// <summary>Puts the piece of a DW that was read to its place.</summary>
    public readonly void Take(uint value, Span<byte> into)
    {
        for (var i = 0; i < Bytes; i++) into[Done + i] = (byte)(value >> (8 * (Lane + i)));
    }

    /// <summary>The piece in its place in a DW to write; the other bytes are zero.</summary>
    public readonly uint Give(ReadOnlySpan<byte> data)
    {
        var value = 0u;
        for (var i = 0; i < Bytes; i++) value |= (uint)data[Done + i] << (8 * (Lane + i));
        return value;
    }
}
