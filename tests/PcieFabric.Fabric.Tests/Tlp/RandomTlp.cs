using PcieFabric.Addressing;
using PcieFabric.Memory;
using PcieFabric.Tlps;

namespace PcieFabric.Fabric.Tests.Tlps;

/// <summary>Well-formed TLPs of every type, with every field drawn at random.</summary>
internal sealed class RandomTlp(Random random, PayloadPool pool)
{
    internal static readonly TlpType[] Types = Enum.GetValues<TlpType>();

    private readonly byte[] _bytes = new byte[4096];
    private MessageRouting _routing;

    internal Tlp Next(TlpType type)
    {
        var tlp = Build(type);
        if (tlp.IsIo || tlp.IsConfiguration)
        {
            tlp.IdBasedOrdering = Coin();
            tlp.HasDigest = Coin();
            tlp.IsPoisoned = tlp.HasData && Coin();
            return tlp;
        }
        tlp.TrafficClass = (byte)random.Next(8);
        tlp.NoSnoop = Coin();
        tlp.RelaxedOrdering = Coin();
        tlp.IdBasedOrdering = Coin();
        tlp.HasDigest = Coin();
        tlp.IsPoisoned = tlp.HasData && Coin();
        if (!tlp.IsMemoryRequest) return tlp;
        tlp.AddressType = Coin() ? AddressType.Translated : AddressType.Untranslated;
        if (Coin()) tlp.SetPasid((uint)random.Next(1 << 20), Coin(), Coin());
        if (type is TlpType.MRd32 or TlpType.MRd64 && random.Next(4) == 0)
        {
            tlp.AddressType = AddressType.TranslationRequest;
            tlp.NoWrite = Coin();
            return tlp;
        }
        var allBytes = tlp.IsMemoryWrite || tlp.IsAtomic || (tlp.FirstBe == 15 && tlp.LastBe == (tlp.LengthDw > 1 ? 15 : 0));
        if (!allBytes || !Coin()) return tlp;
        tlp.HasProcessingHints = true;
        tlp.ProcessingHint = (byte)random.Next(4);
        tlp.SteeringTag = (byte)random.Next(256);
        return tlp;
    }

    private Tlp Build(TlpType type)
    {
        var wide = ((int)type & 0x20) != 0;
        switch (type)
        {
            case TlpType.MRd32 or TlpType.MRd64:
                return Access(wide, (address, length) => Tlp.MemoryRead(Id(), Tag(), address, random.Next(20) == 0 ? 0 : length));
            case TlpType.MRdLk32 or TlpType.MRdLk64:
                return Access(wide, (address, length) => Tlp.LockedMemoryRead(Id(), Tag(), address, length));
            case TlpType.MWr32 or TlpType.MWr64:
                return Access(wide, (address, length) => Tlp.MemoryWrite(Id(), address, Data(length), pool));
            case TlpType.DMWr32 or TlpType.DMWr64:
                return Access(wide, (address, length) => Tlp.DeferrableMemoryWrite(Id(), Tag(), address, Data(length), pool));
            case TlpType.IORd:
                return Tlp.IoRead(Id(), Tag(), (uint)random.NextInt64(1L << 32), (byte)random.Next(16));
            case TlpType.IOWr:
                return Tlp.IoWrite(Id(), Tag(), (uint)random.NextInt64(1L << 32), (byte)random.Next(16), (uint)random.NextInt64(1L << 32));
            case TlpType.CfgRd0 or TlpType.CfgRd1:
                return Tlp.ConfigRead((int)type & 1, Id(), Tag(), Id(), random.Next(1024) * 4, (byte)random.Next(16));
            case TlpType.CfgWr0 or TlpType.CfgWr1:
                return Tlp.ConfigWrite((int)type & 1, Id(), Tag(), Id(), random.Next(1024) * 4, (uint)random.NextInt64(1L << 32), (byte)random.Next(16));
            case TlpType.Msg:
                return Tlp.Message(Routing(), Code(), Id(), Tag(), (ulong)random.NextInt64(), Target());
            case TlpType.MsgD:
                return Tlp.MessageWithData(Routing(), Code(), Id(), Data(4 * random.Next(1, 20)), pool, Tag(), (ulong)random.NextInt64(), Target());
            case TlpType.Cpl or TlpType.CplLk:
                return Tlp.CompletionFor(Build(type == TlpType.Cpl ? TlpType.MRd64 : TlpType.MRdLk32), Id(), Status());
            case TlpType.CplD or TlpType.CplDLk:
                return CompletionWithData(Build(type == TlpType.CplD ? TlpType.MRd32 : TlpType.MRdLk64));
            default:
                return Atomic((AtomicOperation)((int)type & 3), wide);
        }
    }

    private Tlp CompletionWithData(Tlp request)
    {
        var parts = new List<CompletionPart>();
        foreach (var part in new CompletionSplitter(request, 128 << random.Next(6), 64 << random.Next(2))) parts.Add(part);
        var chosen = parts[random.Next(parts.Count)];
        var tlp = Tlp.CompletionWithData(request, Id(), chosen.OffsetDw, chosen.LengthDw, pool);
        random.NextBytes(tlp.WritablePayload);
        return tlp;
    }

    private Tlp Atomic(AtomicOperation operation, bool wide)
    {
        var operand = operation == AtomicOperation.CompareAndSwap ? 4 << random.Next(3) : 4 << random.Next(2);
        var address = Address(wide) & ~(ulong)(operand - 1);
        return Tlp.Atomic(operation, Id(), Tag(), address, Data(operation == AtomicOperation.CompareAndSwap ? operand * 2 : operand), pool);
    }

    private Tlp Access(bool wide, Func<ulong, int, Tlp> build)
    {
        var address = Address(wide);
        var most = 4096 - (int)(address & 4095);
        var length = random.Next(1, 1 + Math.Min(most, random.Next(8) == 0 ? 4096 : 96));
        return build(address, random.Next(50) == 0 ? most : length);
    }

    private ulong Address(bool wide)
    {
        var address = wide ? (ulong)random.NextInt64(1L << 32, long.MaxValue) << random.Next(2) : (ulong)random.NextInt64(1L << 32);
        return random.Next(3) == 0 ? address & ~4095ul : address;
    }

    private ReadOnlySpan<byte> Data(int length)
    {
        random.NextBytes(_bytes.AsSpan(0, length));
        return _bytes.AsSpan(0, length);
    }

    private MessageRouting Routing() => _routing = (MessageRouting)random.Next(8);

    private Bdf Target() => _routing == MessageRouting.ById ? Id() : default;

    /// <summary>Codes without rules of their own: 60h to 7Dh are undefined.</summary>
    private byte Code() => (byte)random.Next(0x60, 0x7E);

    private CompletionStatus Status() => (CompletionStatus)random.Next(8);

    private Bdf Id() => new((ushort)random.Next(1 << 16));

    private ushort Tag() => (ushort)random.Next(1024);

    private bool Coin() => random.Next(2) == 0;
}
