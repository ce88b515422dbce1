using System.Buffers.Binary;
using System.Text;

namespace PcieFabric.Journals;

/// <summary>Reads what <see cref="BlockBody"/> wrote.</summary>
/// <remarks>The checksum has been compared by now; what does not fit was written wrong, and is an <see cref="InvalidDataException"/>.</remarks>
internal struct BlockCursor(ReadOnlyMemory<byte> body)
{
    private int _at;

    public ulong Next()
    {
        var bytes = body.Span;
        var value = 0ul;
        for (var shift = 0; shift < 64 && _at < bytes.Length; shift += 7)
        {
            var part = bytes[_at++];
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80) return value;
        }
        throw new InvalidDataException("a number has no end");
    }

    public int NextInt32(int most = int.MaxValue)
    {
        var value = Next();
        return value <= (ulong)most ? (int)value : throw new InvalidDataException($"{value} is more than {most}");
    }

    public ulong NextFixed() => BinaryPrimitives.ReadUInt64LittleEndian(Take(sizeof(ulong)).Span);

    public ReadOnlyMemory<byte> NextBytes() => Take(NextInt32());

    public string NextText() => Encoding.UTF8.GetString(NextBytes().Span);

    private ReadOnlyMemory<byte> Take(int count)
    {
        if (count > body.Length - _at) throw new InvalidDataException($"{count} bytes are promised where {body.Length - _at} are left");
        _at += count;
        return body.Slice(_at - count, count);
    }
}
