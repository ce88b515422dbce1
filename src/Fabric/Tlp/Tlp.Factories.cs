using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using PcieFabric.Addressing;
using PcieFabric.Memory;

namespace PcieFabric.Tlps;

public unsafe partial struct Tlp
{
    private const ulong FourGiB = 1ul << 32;

    /// <summary>A write of any alignment; byte enables and DW padding follow from address and length. Below 4 GiB the header has three DW (PCIe 6.0 section 2.2.4.1).</summary>
    /// <param name="data">1 to 4096 bytes; must not cross a 4 KiB boundary, which the caller's splitter sees to.</param>
    public static Tlp MemoryWrite(Bdf requester, ulong address, ReadOnlySpan<byte> data, PayloadPool pool)
    {
        var tlp = MemoryWriteHeader(requester, address, data.Length);
        tlp.AddData((int)address & 3, data, pool);
        return tlp;
    }

    /// <summary>Makes a whole write of what <see cref="MemoryWriteHeader"/> made.</summary>
    /// <param name="lead">Address bits 1:0: disabled bytes before the data.</param>
    /// <param name="data">As long as the header says.</param>
    public void AddData(int lead, ReadOnlySpan<byte> data, PayloadPool pool)
    {
        var payload = AllocatePayload(pool);
        if (data.Length != payload.Length)
        {
            payload[..4].Clear();
            payload[^4..].Clear();
        }
        data.CopyTo(payload[lead..]);
    }

    /// <summary>The header of a write, without its data: to ask whether it could go, before the data is copied.</summary>
    public static Tlp MemoryWriteHeader(Bdf requester, ulong address, int lengthBytes) =>
        MemoryRequest(address < FourGiB ? TlpType.MWr32 : TlpType.MWr64, requester, 0, address, lengthBytes);

    /// <param name="lengthBytes">1 to 4096; must not cross a 4 KiB boundary. Zero makes the zero-length read, one DW without byte enables, that flushes posted writes (PCIe 6.0 section 2.2.5).</param>
    public static Tlp MemoryRead(Bdf requester, ushort tag, ulong address, int lengthBytes) =>
        MemoryRequest(address < FourGiB ? TlpType.MRd32 : TlpType.MRd64, requester, tag, address, lengthBytes);

    /// <summary>The same memory request for another address, as a translation of addresses sends it on; the payload changes owner. The new address has the old one's place in its 4 KiB.</summary>
    public readonly Tlp AtAddress(ulong address)
    {
        if (!IsMemoryRequest || ((address ^ _address) & (Limits.RequestBoundaryBytes - 1)) != 0)
            throw new InvalidOperationException($"Invariant: {Type} for 0x{_address:x} cannot be for 0x{address:x} in its place");
        var moved = this;
        moved._address = address;
        moved._fmtType = (byte)(address < FourGiB ? _fmtType & ~0x20 : _fmtType | 0x20);
        return moved;
    }

    /// <summary>The same completion by another completer: who answers on a function's behalf need not know its ID.</summary>
    public readonly Tlp CompletedBy(Bdf completer)
    {
        if (!IsCompletion) throw new InvalidOperationException($"Invariant: {Type} has no completer");
        return this with { Completer = completer };
    }

    public static Tlp LockedMemoryRead(Bdf requester, ushort tag, ulong address, int lengthBytes) =>
        MemoryRequest(address < FourGiB ? TlpType.MRdLk32 : TlpType.MRdLk64, requester, tag, address, lengthBytes);

    /// <summary>A write that is answered (PCIe 6.0 section 6.32): whole DWs, 64 bytes at most on real parts.</summary>
    public static Tlp DeferrableMemoryWrite(Bdf requester, ushort tag, ulong address, ReadOnlySpan<byte> data, PayloadPool pool)
    {
        var tlp = MemoryWrite(requester, address, data, pool);
        tlp._fmtType = (byte)(address < FourGiB ? TlpType.DMWr32 : TlpType.DMWr64);
        tlp.Tag = tag;
        return tlp;
    }

    /// <summary>AtomicOps (PCIe 6.0 section 6.15). <paramref name="operands"/>: FetchAdd and Swap one operand of 4 or 8 bytes; CAS compare then swap, 8, 16 or 32 bytes together.</summary>
    public static Tlp Atomic(AtomicOperation operation, Bdf requester, ushort tag, ulong address, ReadOnlySpan<byte> operands, PayloadPool pool)
    {
        var legal = operation == AtomicOperation.CompareAndSwap ? operands.Length is 8 or 16 or 32 : operands.Length is 4 or 8;
        if (!legal) throw new ArgumentException($"{operation} takes no operand of {operands.Length} bytes", nameof(operands));
        var tlp = new Tlp
        {
            _fmtType = (byte)((address < FourGiB ? 0x4C : 0x6C) + (int)operation),
            _requester = requester,
            Tag = tag,
            _address = address & ~3ul,
            _lengthDw = (ushort)(operands.Length / 4),
        };
        operands.CopyTo(tlp.AllocatePayload(pool));
        return tlp;
    }

    /// <param name="byteEnables">Four bits; I/O requests are one DW and stay inside it.</param>
    public static Tlp IoRead(Bdf requester, ushort tag, uint address, byte byteEnables) => OneDw(TlpType.IORd, requester, tag, address, byteEnables);

    /// <inheritdoc cref="IoRead"/>
    public static Tlp IoWrite(Bdf requester, ushort tag, uint address, byte byteEnables, uint value) => OneDw(TlpType.IOWr, requester, tag, address, byteEnables, value);

    /// <param name="registerOffset">Offset of a DW in configuration space, 0 to 4092.</param>
    public static Tlp ConfigRead(int type, Bdf requester, ushort tag, Bdf target, int registerOffset, byte byteEnables = 15)
    {
        var tlp = OneDw(type == 0 ? TlpType.CfgRd0 : TlpType.CfgRd1, requester, tag, (uint)registerOffset, byteEnables);
        tlp._otherId = target;
        return tlp;
    }

    /// <inheritdoc cref="ConfigRead"/>
    public static Tlp ConfigWrite(int type, Bdf requester, ushort tag, Bdf target, int registerOffset, uint value, byte byteEnables = 15)
    {
        var tlp = OneDw(type == 0 ? TlpType.CfgWr0 : TlpType.CfgWr1, requester, tag, (uint)registerOffset, byteEnables, value);
        tlp._otherId = target;
        return tlp;
    }

    /// <summary>The same configuration request as type 0, for the bus on which its target sits (PCIe 6.0 section 7.3.3).</summary>
    public readonly Tlp AsConfigType0() => this with { _fmtType = (byte)(_fmtType & ~1) };

    /// <summary>The same memory request for another address, in the format that the address calls for; the two low bits are ignored.</summary>
    public readonly Tlp WithAddress(ulong address) => this with
    {
        _fmtType = (byte)(address < FourGiB ? _fmtType & ~0x20 : _fmtType | 0x20),
        _address = address & ~3ul,
    };

    /// <summary>Asks for the translation of one page (PCIe 6.0 section 10.2.2); answered with eight bytes.</summary>
    /// <param name="noWrite">NW: write permission is not needed.</param>
    public static Tlp TranslationRequest(Bdf requester, ushort tag, ulong address, bool noWrite)
    {
        var tlp = MemoryRead(requester, tag, address & ~0xFFFul, 8);
        tlp.AddressType = AddressType.TranslationRequest;
        tlp.NoWrite = noWrite;
        return tlp;
    }

    /// <param name="header">Header bytes 8 to 15, byte 8 most significant; for <see cref="MessageRouting.ByAddress"/> the address, for <see cref="MessageRouting.ById"/> only the low six bytes.</param>
    /// <param name="target">For <see cref="MessageRouting.ById"/>; sits in header bytes 8 and 9.</param>
    public static Tlp Message(MessageRouting routing, byte code, Bdf requester, ushort tag = 0, ulong header = 0, Bdf target = default) => new()
    {
        _fmtType = (byte)((int)TlpType.Msg | (int)routing),
        _detail = code,
        _requester = requester,
        Tag = tag,
        _address = routing == MessageRouting.ById ? header & 0x0000_FFFF_FFFF_FFFF : header,
        _otherId = target,
    };

    /// <param name="data">Whole DWs.</param>
    /// <inheritdoc cref="Message"/>
    public static Tlp MessageWithData(MessageRouting routing, byte code, Bdf requester, ReadOnlySpan<byte> data, PayloadPool pool, ushort tag = 0, ulong header = 0, Bdf target = default)
    {
        var tlp = Message(routing, code, requester, tag, header, target);
        tlp._fmtType |= 0x40;
        tlp._lengthDw = (ushort)(data.Length / 4);
        data.CopyTo(tlp.AllocatePayload(pool));
        return tlp;
    }

    /// <summary>A completion without data: of a write, or of anything that failed. Traffic class, attributes, requester and tag are the request's (PCIe 6.0 section 2.2.9).</summary>
    public static Tlp CompletionFor(in Tlp request, Bdf completer, CompletionStatus status)
    {
        var locked = request.Type is TlpType.MRdLk32 or TlpType.MRdLk64;
        return new Tlp
        {
            _fmtType = (byte)(locked ? TlpType.CplLk : TlpType.Cpl),
            _attributes = (byte)(request._attributes & ~(HintsBit | DigestBit)),
            _requester = request._requester,
            _tag = request._tag,
            _otherId = completer,
            _detail = (byte)status,
            _byteCount = (ushort)(request.IsMemoryRead || request.IsAtomic ? CompletionByteCount(request) : 4),
            _lowerAddress = request.IsMemoryRead ? (byte)((request._address + (ulong)FirstEnabledByte(request)) & 0x7F) : (byte)0,
        };
    }

    /// <summary>One packet of a read's answer: <paramref name="lengthDw"/> DWs that start <paramref name="offsetDw"/> DWs into the request.</summary>
    /// <param name="payload">The packet's bytes, to fill; whole DWs.</param>
    public static Tlp CompletionWithData(in Tlp request, Bdf completer, int offsetDw, int lengthDw, PayloadPool pool)
    {
        var tlp = CompletionHeader(in request, completer, offsetDw, lengthDw);
        tlp.AllocatePayload(pool);
        return tlp;
    }

    /// <summary>The header of <see cref="CompletionWithData"/>, without its data: to know how it would travel.</summary>
    public static Tlp CompletionHeader(in Tlp request, Bdf completer, int offsetDw, int lengthDw)
    {
        var tlp = CompletionFor(request, completer, CompletionStatus.SuccessfulCompletion);
        tlp._fmtType |= 0x40;
        tlp._lengthDw = (ushort)lengthDw;
        if (offsetDw > 0)
        {
            // Later packets start on a DW; what remains is the total less the enabled bytes already sent.
            tlp._byteCount = (ushort)(tlp._byteCount - (offsetDw * 4 - FirstEnabledByte(request)));
            tlp._lowerAddress = (byte)((request._address + (ulong)offsetDw * 4) & 0x7F);
        }
        return tlp;
    }

    /// <summary>The answer to a translation request: one entry of eight bytes, the highest first (PCIe 6.0 section 10.2.3). Asked for more, it is still the only one.</summary>
    /// <param name="entry">Bit 63 the first on the wire.</param>
    public static Tlp TranslationCompletion(in Tlp request, Bdf completer, ulong entry)
    {
        var tlp = CompletionFor(request, completer, CompletionStatus.SuccessfulCompletion);
        tlp._fmtType |= 0x40;
        tlp._lengthDw = 2;
        tlp._byteCount = 8;
        BinaryPrimitives.WriteUInt64BigEndian(tlp._inline, entry);
        return tlp;
    }

    /// <summary>Data that a successful answer to this request carries, in DW: of an AtomicOp one operand, of a write nothing (PCIe 6.0 section 2.2.9).</summary>
    public readonly int AnswerLengthDw => IsAtomic ? CompletionByteCount(this) / 4 : HasData || IsMessage || IsCompletion ? 0 : LengthDw;

    /// <summary>The payload of a TLP that its maker is still filling.</summary>
    [System.Diagnostics.CodeAnalysis.UnscopedRef]
    public Span<byte> WritablePayload => HasLongPayload
        ? new Span<byte>(_pooled, PayloadBytes)
        : System.Runtime.InteropServices.MemoryMarshal.CreateSpan(ref Unsafe.As<InlinePayload, byte>(ref _inline), PayloadBytes);

    private static Tlp MemoryRequest(TlpType type, Bdf requester, ushort tag, ulong address, int lengthBytes)
    {
        var lead = (int)address & 3;
        var lengthDw = Math.Max(1, (lead + lengthBytes + 3) / 4);
        var first = (0xF << lead) & 0xF;
        var last = 0xF >> (lengthDw * 4 - lead - lengthBytes & 3);
        if (lengthDw == 1) (first, last) = (lengthBytes == 0 ? 0 : first & last, 0);
        return new Tlp
        {
            _fmtType = (byte)type,
            _requester = requester,
            Tag = tag,
            _address = address & ~3ul,
            _lengthDw = (ushort)lengthDw,
            _detail = (byte)(first | last << 4),
        };
    }

    private static Tlp OneDw(TlpType type, Bdf requester, ushort tag, uint address, byte byteEnables, uint value = 0)
    {
        var tlp = new Tlp
        {
            _fmtType = (byte)type,
            _requester = requester,
            Tag = tag,
            _address = address & ~3u,
            _lengthDw = 1,
            _detail = (byte)(byteEnables & 15),
        };
        BinaryPrimitives.WriteUInt32LittleEndian(tlp._inline, value);
        return tlp;
    }

    /// <summary>PCIe 6.0 table 2-38: bytes from the first to the last enabled one.</summary>
    private static int CompletionByteCount(in Tlp request)
    {
        if (request.IsAtomic) return request.Type is TlpType.CAS32 or TlpType.CAS64 ? request.LengthDw * 2 : request.LengthDw * 4;
        if (request.LengthDw == 1 && request.FirstBe == 0) return 1;
        var last = request.LengthDw == 1 ? request.FirstBe : request.LastBe;
        return request.LengthDw * 4 - FirstEnabledByte(request) - (System.Numerics.BitOperations.LeadingZeroCount((uint)last) - 28);
    }

    private static int FirstEnabledByte(in Tlp request) =>
        request.IsAtomic || request.FirstBe == 0 ? 0 : System.Numerics.BitOperations.TrailingZeroCount(request.FirstBe);
}
