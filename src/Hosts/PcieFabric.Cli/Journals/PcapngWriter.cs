using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace PcieFabric.Cli.Journals;

/// <summary>Writes capture files as draft-ietf-opsawg-pcapng has them: one section, little-endian, times in picoseconds.</summary>
internal sealed class PcapngWriter
{
    private const uint SectionHeader = 0x0A0D0D0A, InterfaceDescription = 1, EnhancedPacket = 6, ByteOrderMagic = 0x1A2B3C4D;
    private const ushort EndOfOptions = 0, Comment = 1, UserApplication = 4, InterfaceName = 2, TimeResolution = 9;

    /// <summary>LINKTYPE_USER0. The one registered for PCI Express, 125, is reserved without a format, and Wireshark refuses it.</summary>
    private const ushort LinkType = 147;

    private const byte Picoseconds = 12;

    private static ReadOnlySpan<byte> Padding => [0, 0, 0];

    private readonly Stream _stream;
    private readonly ArrayBufferWriter<byte> _body = new();
    private uint _interfaces;

    public PcapngWriter(Stream stream, string application)
    {
        _stream = stream;
        Add32(ByteOrderMagic);
        Add16(1);
        Add16(0);
        Add64(ulong.MaxValue);
        AddOption(UserApplication, Encoding.UTF8.GetBytes(application));
        AddOption(EndOfOptions, []);
        WriteBlock(SectionHeader);
    }

    /// <returns>The interface's number.</returns>
    public uint AddInterface(string name)
    {
        Add16(LinkType);
        Add16(0);
        Add32(0);
        AddOption(InterfaceName, Encoding.UTF8.GetBytes(name));
        AddOption(TimeResolution, [Picoseconds]);
        AddOption(EndOfOptions, []);
        WriteBlock(InterfaceDescription);
        return _interfaces++;
    }

    public void AddPacket(uint onInterface, long timePs, ReadOnlySpan<byte> packet, string comment)
    {
        Add32(onInterface);
        Add32((uint)(timePs >> 32));
        Add32((uint)timePs);
        Add32((uint)packet.Length);
        Add32((uint)packet.Length);
        AddPadded(packet);
        AddOption(Comment, Encoding.UTF8.GetBytes(comment));
        AddOption(EndOfOptions, []);
        WriteBlock(EnhancedPacket);
    }

    private void AddOption(ushort code, ReadOnlySpan<byte> value)
    {
        Add16(code);
        Add16((ushort)value.Length);
        AddPadded(value);
    }

    private void AddPadded(ReadOnlySpan<byte> bytes)
    {
        _body.Write(bytes);
        _body.Write(Padding[..(-_body.WrittenCount & 3)]);
    }

    private void Add16(ushort value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, value);
        _body.Write(bytes);
    }

    private void Add32(uint value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        _body.Write(bytes);
    }

    private void Add64(ulong value)
    {
        Add32((uint)value);
        Add32((uint)(value >> 32));
    }

    /// <summary>The length stands at both ends, so that a file can be read backwards.</summary>
    private void WriteBlock(uint type)
    {
        Span<byte> ends = stackalloc byte[8];
        BinaryPrimitives.WriteUInt32LittleEndian(ends, type);
        BinaryPrimitives.WriteInt32LittleEndian(ends[4..], _body.WrittenCount + 12);
        _stream.Write(ends);
        _stream.Write(_body.WrittenSpan);
        _stream.Write(ends[4..]);
        _body.ResetWrittenCount();
    }
}
