using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using PcieFabric.Addressing;
using PcieFabric.Memory;

namespace PcieFabric.Tlps;

/// <summary>
/// One Transaction Layer Packet (PCIe 6.0 chapter 2, non-flit mode): header fields by value, and up to sixteen payload bytes inline or a
/// reference to a block of a <see cref="PayloadPool"/>. Forty-eight bytes and no managed reference, so queues of TLPs are plain
/// memory. Whoever consumes a TLP calls <see cref="Release"/>; a copy of the value is the same packet, not a second one.
/// </summary>
/// <remarks>Fields that only some types have share storage; each property says whose it is. Build TLPs with the factories.</remarks>
[StructLayout(LayoutKind.Explicit, Size = SizeBytes)]
public unsafe partial struct Tlp
{
    internal const int SizeBytes = 48;
    internal const int InlineBytes = 16;

    private const byte TrafficClassMask = 0x07, NoSnoopBit = 0x08, RelaxedOrderingBit = 0x10, IdBasedOrderingBit = 0x20, HintsBit = 0x40, DigestBit = 0x80;
    private const byte PoisonedBit = 0x01, PasidBit = 0x20, PooledBit = 0x40;
    private const int AddressTypeShift = 1, HintShift = 3;

    [FieldOffset(0)] private byte _fmtType;
    [FieldOffset(1)] private byte _attributes;
    [FieldOffset(2)] private byte _flags;
    [FieldOffset(3)] private byte _detail;
    [FieldOffset(4)] private ushort _lengthDw;
    [FieldOffset(6)] private Bdf _requester;
    [FieldOffset(8)] private ushort _tag;
    [FieldOffset(10)] private Bdf _otherId;
    [FieldOffset(12)] private ushort _byteCount;
    [FieldOffset(14)] private byte _lowerAddress;
    [FieldOffset(16)] private ulong _address;
    [FieldOffset(24)] private uint _pasid;
    [FieldOffset(28)] private int _block;
    [FieldOffset(32)] private byte* _pooled;
    [FieldOffset(40)] private ulong _rental;
    [FieldOffset(32)] private InlinePayload _inline;

    public readonly TlpType Type => (TlpType)(IsMessage ? _fmtType & 0xF8 : _fmtType);

    /// <summary>The first header byte as the wire has it: Fmt, Type, and a message's routing.</summary>
    public byte FmtType { readonly get => _fmtType; internal init => _fmtType = value; }

    public readonly bool IsMessage => (_fmtType & 0xB8) == 0x30;
    public readonly bool IsCompletion => (_fmtType & 0xBE) == 0x0A;
    public readonly bool IsConfiguration => (_fmtType & 0xBE) == 0x04;
    public readonly bool IsIo => (_fmtType & 0xBF) == 0x02;
    public readonly bool IsAtomic => (_fmtType & 0xDC) == 0x4C && (_fmtType & 3) != 3;
    public readonly bool IsMemoryRead => (_fmtType & 0xDE) == 0x00;
    /// <summary>MRdLk, which the specification keeps for software that accesses legacy endpoints (PCIe 6.0 section 6.5).</summary>
    public readonly bool IsLockedRead => (_fmtType & 0xDF) == 0x01;
    public readonly bool IsMemoryWrite => (_fmtType & 0xDF) == 0x40;
    public readonly bool IsDeferrableWrite => (_fmtType & 0xDF) == 0x5B;

    /// <summary>Memory reads, locked reads, writes, deferrable writes and AtomicOps: everything that is routed by a memory address.</summary>
    public readonly bool IsMemoryRequest => IsMemoryRead || IsMemoryWrite || IsAtomic || IsDeferrableWrite;

    /// <summary>The header has four DW: a 64-bit address, or a message.</summary>
    public readonly bool HasFourDwHeader => (_fmtType & 0x20) != 0;

    /// <summary>Payload follows the header (Fmt bit 1).</summary>
    public readonly bool HasData => (_fmtType & 0x40) != 0;

    public readonly FlowControlClass FlowControlClass =>
        IsCompletion ? FlowControlClass.Completion : IsMemoryWrite || IsMessage ? FlowControlClass.Posted : FlowControlClass.NonPosted;

    /// <summary>Payload length, or what a read asks for, in DW: 1 to 1024; zero where the Length field is reserved.</summary>
    public int LengthDw { readonly get => _lengthDw; internal init => _lengthDw = (ushort)value; }

    public readonly int PayloadBytes => HasData ? _lengthDw * 4 : 0;

    /// <summary>Memory requests: bytes of memory from <see cref="Address"/> on that the request reaches. A CAS carries two operands for one.</summary>
    public readonly int ReachBytes => (Type is TlpType.CAS32 or TlpType.CAS64 ? _lengthDw / 2 : _lengthDw) * 4;

    public byte TrafficClass
    {
        readonly get => (byte)(_attributes & TrafficClassMask);
        set => _attributes = (byte)((_attributes & ~TrafficClassMask) | (value & TrafficClassMask));
    }

    public bool NoSnoop { readonly get => (_attributes & NoSnoopBit) != 0; set => Set(ref _attributes, NoSnoopBit, value); }
    public bool RelaxedOrdering { readonly get => (_attributes & RelaxedOrderingBit) != 0; set => Set(ref _attributes, RelaxedOrderingBit, value); }
    public bool IdBasedOrdering { readonly get => (_attributes & IdBasedOrderingBit) != 0; set => Set(ref _attributes, IdBasedOrderingBit, value); }

    /// <summary>TH: <see cref="ProcessingHint"/> and <see cref="SteeringTag"/> are present (PCIe 6.0 section 2.2.7.1.1). Memory requests only.</summary>
    public bool HasProcessingHints { readonly get => (_attributes & HintsBit) != 0; set => Set(ref _attributes, HintsBit, value); }

    /// <summary>TD: an ECRC digest follows (PCIe 6.0 section 2.7.1).</summary>
    public bool HasDigest { readonly get => (_attributes & DigestBit) != 0; set => Set(ref _attributes, DigestBit, value); }

    /// <summary>EP: the payload is poisoned (PCIe 6.0 section 2.7.2).</summary>
    public bool IsPoisoned { readonly get => (_flags & PoisonedBit) != 0; set => Set(ref _flags, PoisonedBit, value); }

    public AddressType AddressType
    {
        readonly get => (AddressType)((_flags >> AddressTypeShift) & 3);
        set => _flags = (byte)((_flags & ~(3 << AddressTypeShift)) | ((int)value << AddressTypeShift));
    }

    /// <summary>PH, two bits (PCIe 6.0 table 2-14); valid with <see cref="HasProcessingHints"/>.</summary>
    public byte ProcessingHint
    {
        readonly get => (byte)((_flags >> HintShift) & 3);
        set => _flags = (byte)((_flags & ~(3 << HintShift)) | ((value & 3) << HintShift));
    }

    /// <summary>NW of a translation request, bit 0 of its last header DW: write permission is not needed (PCIe 6.0 section 10.2.2.4).</summary>
    public bool NoWrite
    {
        readonly get => AddressType == AddressType.TranslationRequest && !HasProcessingHints && (ProcessingHint & 1) != 0;
        set => ProcessingHint = (byte)(value ? 1 : 0);
    }

    /// <summary>ST[7:0]; valid with <see cref="HasProcessingHints"/>. Takes the place of the tag in a write and of the byte enables in a read.</summary>
    public byte SteeringTag { readonly get => _lowerAddress; set => _lowerAddress = value; }

    /// <summary>The TLP carries a PASID TLP Prefix (PCIe 6.0 section 6.20).</summary>
    public readonly bool HasPasid => (_flags & PasidBit) != 0;

    /// <summary>Process Address Space ID, 20 bits.</summary>
    public readonly uint Pasid => _pasid & 0xFFFFF;

    public readonly bool PasidExecuteRequested => (_pasid & (1u << 20)) != 0;
    public readonly bool PasidPrivilegedMode => (_pasid & (1u << 21)) != 0;

    public void SetPasid(uint pasid, bool executeRequested = false, bool privilegedMode = false)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(pasid, 0xFFFFFu);
        _pasid = pasid | (executeRequested ? 1u << 20 : 0) | (privilegedMode ? 1u << 21 : 0);
        _flags |= PasidBit;
    }

    public void ClearPasid()
    {
        _pasid = 0;
        _flags &= unchecked((byte)~PasidBit);
    }

    public Bdf Requester { readonly get => _requester; set => _requester = value; }

    /// <summary>Five, eight or ten bits, as the requester is set up (PCIe 6.0 section 2.2.6.2).</summary>
    public ushort Tag { readonly get => _tag; set => _tag = (ushort)(value & 0x3FF); }

    /// <summary>Byte enables of the first DW, bit 0 for byte 0. Requests other than messages.</summary>
    public byte FirstBe { readonly get => (byte)(_detail & 15); internal init => _detail = (byte)(_detail & 0xF0 | value & 15); }

    /// <summary>Byte enables of the last DW; zero where there is only one DW. Requests other than messages.</summary>
    public byte LastBe { readonly get => (byte)(_detail >> 4); internal init => _detail = (byte)(_detail & 15 | value << 4); }

    /// <summary>Memory, I/O and AtomicOp requests, and messages routed by address: the address, its two low bits zero.</summary>
    public ulong Address { readonly get => _address; internal init => _address = value; }

    /// <summary>Configuration requests: the offset of the DW in configuration space, 0 to 4092.</summary>
    public int RegisterOffset { readonly get => (int)_address; internal init => _address = (ulong)value; }

    /// <summary>Configuration requests and messages routed by ID: whom they are for.</summary>
    public Bdf Target { readonly get => _otherId; internal init => _otherId = value; }

    /// <summary>Completions: who answers.</summary>
    public Bdf Completer { readonly get => _otherId; internal init => _otherId = value; }

    public CompletionStatus Status { readonly get => (CompletionStatus)(_detail & 7); internal init => _detail = (byte)(_detail & 8 | (int)value & 7); }

    /// <summary>Byte Count Modified: only set by PCI-X completers (PCIe 6.0 section 2.2.9).</summary>
    public bool ByteCountModified { readonly get => (_detail & 8) != 0; internal init => Set(ref _detail, 8, value); }

    /// <summary>Completions: bytes that remain for the request, this packet's included, 1 to 4096.</summary>
    public int ByteCount { readonly get => _byteCount; internal init => _byteCount = (ushort)value; }

    /// <summary>Completions: address bits 6:0 of the first enabled byte of this packet.</summary>
    public byte LowerAddress { readonly get => _lowerAddress; internal init => _lowerAddress = value; }

    /// <summary>Messages: the Message Code, for instance 0x20 Assert_INTA (PCIe 6.0 section 2.2.8).</summary>
    public byte MessageCode { readonly get => _detail; internal init => _detail = value; }

    public readonly MessageRouting Routing => (MessageRouting)(_fmtType & 7);

    /// <summary>Messages: header bytes 8 to 15, byte 8 most significant. Those routed by ID have <see cref="Target"/> in bytes 8 and 9, which are zero here.</summary>
    public ulong MessageHeader { readonly get => _address; internal init => _address = value; }

    /// <summary>The payload as it travels: whole DWs, the disabled bytes included. Empty without <see cref="HasData"/>.</summary>
    [UnscopedRef]
    public readonly ReadOnlySpan<byte> Payload => HasLongPayload
        ? new ReadOnlySpan<byte>(_pooled, PayloadBytes)
        : MemoryMarshal.CreateReadOnlySpan(in Unsafe.As<InlinePayload, byte>(ref Unsafe.AsRef(in _inline)), PayloadBytes);

    /// <summary>The one-line form of <see cref="TlpText"/>.</summary>
    public override readonly string ToString() => TlpText.Describe(this);

    /// <summary>The payload lies in a pool, or in other memory: it is too long for the packet itself.</summary>
    public readonly bool HasLongPayload => (_flags & PooledBit) != 0;

    /// <summary>Gives the payload back. The value must not be used, nor any copy of it, afterwards.</summary>
    public readonly void Release(PayloadPool pool)
    {
        if (HasLongPayload) pool.Return(_pooled);
    }

    /// <summary>A second packet with a payload of its own.</summary>
    public readonly Tlp Clone(PayloadPool pool)
    {
        var copy = this;
        if (!HasLongPayload) return copy;
        copy.Rent(pool, PayloadBytes);
        new ReadOnlySpan<byte>(_pooled, PayloadBytes).CopyTo(new Span<byte>(copy._pooled, PayloadBytes));
        return copy;
    }

    /// <summary>Of a payload that lies in a pool.</summary>
    public readonly PayloadIdentity PayloadIdentity => HasLongPayload ? new PayloadIdentity(_block, _rental) : default;

    /// <summary>
    /// Copies a payload that lies in a pool to other memory, and refers to it there: for who keeps the packet longer than its owner does. Such a value is
    /// never released.
    /// </summary>
    /// <param name="to">Room for <see cref="PayloadBytes"/> bytes, which stays where it is.</param>
    public void MovePayload(byte* to)
    {
        Buffer.MemoryCopy(_pooled, to, PayloadBytes, PayloadBytes);
        _pooled = to;
    }

    /// <summary>As <see cref="MovePayload(byte*)"/>, to a pool: it remains the same payload, and who keeps the packet releases it there.</summary>
    public void MovePayload(PayloadPool pool)
    {
        if (HasLongPayload) MovePayload(pool.Rent(PayloadBytes, out _));
    }

    /// <summary>Room for <see cref="PayloadBytes"/> bytes, inline or pooled, contents undefined. Only for a TLP under construction.</summary>
    [UnscopedRef]
    internal Span<byte> AllocatePayload(PayloadPool pool)
    {
        var size = PayloadBytes;
        if (size <= InlineBytes) return MemoryMarshal.CreateSpan(ref Unsafe.As<InlinePayload, byte>(ref _inline), size);
        Rent(pool, size);
        _flags |= PooledBit;
        return new Span<byte>(_pooled, size);
    }

    /// <summary>The same, inline or in other memory, as <see cref="MovePayload"/> has it.</summary>
    [UnscopedRef]
    internal Span<byte> PlacePayload(byte* to)
    {
        var size = PayloadBytes;
        if (size <= InlineBytes) return MemoryMarshal.CreateSpan(ref Unsafe.As<InlinePayload, byte>(ref _inline), size);
        _flags |= PooledBit;
        _pooled = to;
        return new Span<byte>(_pooled, size);
    }

    private void Rent(PayloadPool pool, int sizeBytes)
    {
        _pooled = pool.Rent(sizeBytes, out var identity);
        (_block, _rental) = (identity.Block, identity.Rental);
    }

    /// <summary>Traffic class, No Snoop, Relaxed and ID-based ordering, hints, address type and PASID as another TLP has them.</summary>
    public void CopyAttributesFrom(in Tlp other)
    {
        const int travelling = PasidBit | 3 << AddressTypeShift | 3 << HintShift;
        _attributes = other._attributes;
        _flags = (byte)((_flags & ~travelling) | (other._flags & travelling));
        _pasid = other._pasid;
        if (HasProcessingHints) _lowerAddress = other._lowerAddress;
    }

    /// <summary>Not a fixed buffer: the compiler guards the stack of each method that has one, on entry and on return, and keeps what holds it out of registers.</summary>
    [InlineArray(InlineBytes)]
    private struct InlinePayload
    {
        private byte _first;
    }

    private static void Set(ref byte field, byte bit, bool value) => field = (byte)(value ? field | bit : field & ~bit);
}
