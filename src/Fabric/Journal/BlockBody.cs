using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace PcieFabric.Journals;

/// <summary>The body of a block under construction. Numbers are written seven bits a byte, low bits first, as LEB128 does.</summary>
internal sealed class BlockBody(int capacityBytes = 1024)
{
    private byte[] _bytes = new byte[capacityBytes];
    private int _count = BlockHeader.SizeBytes;

    /// <summary>With room for a header in front.</summary>
    public Memory<byte> Whole => _bytes.AsMemory(0, _count);

    public void Clear() => _count = BlockHeader.SizeBytes;

    public void Add(ulong value)
    {
        Reserve(10);
        while (value >= 0x80)
        {
            _bytes[_count++] = (byte)(value | 0x80);
            value >>= 7;
        }
        _bytes[_count++] = (byte)value;
    }

    public void Add(int value) => Add(checked((ulong)value));

    public void AddFixed(ulong value)
    {
        Reserve(sizeof(ulong));
        BinaryPrimitives.WriteUInt64LittleEndian(_bytes.AsSpan(_count), value);
        _count += sizeof(ulong);
    }

    public void Add(ReadOnlySpan<byte> bytes)
    {
        Add(bytes.Length);
        AddRaw(bytes);
    }

    /// <summary>Adds bytes whose number the reader knows.</summary>
    public void AddRaw(ReadOnlySpan<byte> bytes)
    {
        Reserve(bytes.Length);
        bytes.CopyTo(_bytes.AsSpan(_count));
        _count += bytes.Length;
    }

    public void Add(string text) => Add(Encoding.UTF8.GetBytes(text));

    /// <summary>Adds bytes as DEFLATE has them (RFC 1951).</summary>
    public void AddDeflated(ReadOnlySpan<byte> bytes)
    {
        using var packed = new MemoryStream(bytes.Length / 4 + 64);
        using (var deflate = new DeflateStream(packed, CompressionLevel.Fastest, leaveOpen: true)) deflate.Write(bytes);
        AddRaw(packed.GetBuffer().AsSpan(0, (int)packed.Length));
    }

    /// <exception cref="InvalidDataException">The bytes are no such thing, or more than a block ever holds.</exception>
    public static byte[] Inflate(ReadOnlyMemory<byte> packed)
    {
        using var inflate = new DeflateStream(new MemoryStream(packed.ToArray()), CompressionMode.Decompress);
        var body = new byte[Limits.MaxJournalBlockBytes];
        var bytes = inflate.ReadAtLeast(body, body.Length, throwOnEndOfStream: false);
        return bytes < body.Length ? body[..bytes] : throw new InvalidDataException($"more than {bytes} bytes come out of it");
    }

    private void Reserve(int bytes)
    {
        if (_bytes.Length - _count < bytes) Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _count + bytes));
    }
}
