using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace PcieFabric.Journals;

/// <summary>The body of a block under construction. Numbers are written seven bits a byte, low bits first, as LEB128 does.</summary>
internal sealed class BlockBody
{
    private byte[] _bytes = new byte[1024];
    private int _count;

    public int Count => _count;

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _count);

    public void Clear() => _count = 0;

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
        Reserve(bytes.Length);
        bytes.CopyTo(_bytes.AsSpan(_count));
        _count += bytes.Length;
    }

    public void Add(string text) => Add(Encoding.UTF8.GetBytes(text));

    /// <summary>The same as DEFLATE has it (RFC 1951).</summary>
    public BlockBody Deflated()
    {
        var packed = new MemoryStream(_count / 4 + 64);
        using (var deflate = new DeflateStream(packed, CompressionLevel.Fastest, leaveOpen: true)) deflate.Write(Written);
        return new BlockBody { _bytes = packed.GetBuffer(), _count = (int)packed.Length };
    }

    /// <exception cref="InvalidDataException">The bytes are no such thing, or more than a block ever holds.</exception>
    public static byte[] Inflate(byte[] packed)
    {
        using var inflate = new DeflateStream(new MemoryStream(packed), CompressionMode.Decompress);
        var body = new byte[Limits.MaxJournalBlockBytes];
        var bytes = inflate.ReadAtLeast(body, body.Length, throwOnEndOfStream: false);
        return bytes < body.Length ? body[..bytes] : throw new InvalidDataException($"more than {bytes} bytes come out of it");
    }

    private void Reserve(int bytes)
    {
        if (_bytes.Length - _count < bytes) Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _count + bytes));
    }
}
