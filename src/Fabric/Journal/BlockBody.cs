using System.Buffers.Binary;
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

    private void Reserve(int bytes)
    {
        if (_bytes.Length - _count < bytes) Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _count + bytes));
    }
}
