using System.Buffers.Binary;
using PcieFabric.Addressing;
using PcieFabric.Memory;
using PcieFabric.Tlps;
using Xunit.Abstractions;

namespace PcieFabric.Fabric.Tests.Tlps;

public sealed class TlpCodecTests(ITestOutputHelper output)
{
    private static readonly Bdf Requester = new(1, 0, 0);

    private readonly PayloadPool _pool = new();

    // The first three are those of "Down to the TLP" (xillybus.com), the others follow the specification's figures field by field.
    [Theory]
    [InlineData("40000001 0000000f fdaff040 12345678", "MWr32 00:00.0 -> 0xfdaff040 len=1 be=f/0")]
    [InlineData("00000001 00000c0f fdaff040", "MRd32 00:00.0 tag=0xc -> 0xfdaff040 len=1 be=f/0")]
    [InlineData("4a000001 01000004 00000c40 12345678", "CplD 01:00.0 -> 00:00.0 tag=0xc SC bc=4 la=0x40 len=1")]
    [InlineData("20000080 010005ff 00000001 2345f000", "MRd64 01:00.0 tag=0x5 -> 0x12345f000 len=128 be=f/f")]
    [InlineData("20000000 010005ff 00000001 2345f000", "MRd64 01:00.0 tag=0x5 -> 0x12345f000 len=1024 be=f/f")]
    [InlineData("00880001 0100ff0f 00001000", "MRd32 01:00.0 tag=0x3ff -> 0x1000 len=1 be=f/0")]
    [InlineData("00800001 0100000f 00001000", "MRd32 01:00.0 tag=0x200 -> 0x1000 len=1 be=f/0")]
    [InlineData("00080001 0100000f 00001000", "MRd32 01:00.0 tag=0x100 -> 0x1000 len=1 be=f/0")]
    [InlineData("00743801 0100000f 00001000", "MRd32 01:00.0 tag=0x0 -> 0x1000 len=1 be=f/0 tc=7 IDO RO NS at=2")]
    [InlineData("00010001 01000142 00001002", "MRd32 01:00.0 tag=0x1 -> 0x1000 len=1 be=f/0 ph=2 st=0x42")]
    [InlineData("40010002 01004231 00001003 01020304 05060708", "MWr32 01:00.0 -> 0x1000 len=2 be=1/3 ph=3 st=0x42")]
    [InlineData("01000001 0000010f 00001000", "MRdLk32 00:00.0 tag=0x1 -> 0x1000 len=1 be=f/0")]
    [InlineData("02000001 00000103 00000cf8", "IORd 00:00.0 tag=0x1 -> 0xcf8 be=3")]
    [InlineData("42000001 00000101 000003f8 41000000", "IOWr 00:00.0 tag=0x1 -> 0x3f8 be=1")]
    [InlineData("04000001 0000010f 01000000", "CfgRd0 00:00.0 tag=0x1 -> 01:00.0 reg=0x0 be=f")]
    [InlineData("05000001 0000010f 03110ffc", "CfgRd1 00:00.0 tag=0x1 -> 03:02.1 reg=0xffc be=f")]
    [InlineData("44000001 00000103 01000004 06010000", "CfgWr0 00:00.0 tag=0x1 -> 01:00.0 reg=0x4 be=3")]
    [InlineData("34000000 01000020 00000000 00000000", "Msg Assert_INTA 01:00.0 -> Local")]
    [InlineData("30000000 01000033 00000000 00000000", "Msg ERR_FATAL 01:00.0 -> ToRootComplex")]
    [InlineData("74000001 00000050 00000000 00000000 4b000000", "MsgD Set_Slot_Power_Limit 00:00.0 -> Local len=1")]
    [InlineData("72000001 0000007f 01001ab4 89abcdef 00112233", "MsgD Vendor_Defined_Type_1 00:00.0 -> 01:00.0 len=1")]
    [InlineData("0a000000 01002004 00000100", "Cpl 01:00.0 -> 00:00.0 tag=0x1 UR bc=4 la=0x0")]
    [InlineData("0a000000 01004004 00000100", "Cpl 01:00.0 -> 00:00.0 tag=0x1 RRS bc=4 la=0x0")]
    [InlineData("0a000000 01008000 00000100", "Cpl 01:00.0 -> 00:00.0 tag=0x1 CA bc=4096 la=0x0")]
    [InlineData("4a000001 01001003 0000017d 00000000", "CplD 01:00.0 -> 00:00.0 tag=0x1 SC bc=3 la=0x7d len=1 BCM")]
    [InlineData("4c000001 01000100 00001000 01000000", "FetchAdd32 01:00.0 tag=0x1 -> 0x1000 len=1")]
    [InlineData("6d000002 01000100 00000001 00001000 0100000000000000", "Swap64 01:00.0 tag=0x1 -> 0x100001000 len=2")]
    [InlineData("4e000002 01000100 00001000 0100000002000000", "CAS32 01:00.0 tag=0x1 -> 0x1000 len=2")]
    [InlineData("5b000001 0100010f 00001000 01000000", "DMWr32 01:00.0 tag=0x1 -> 0x1000 len=1 be=f/0")]
    [InlineData("91c12345 00000001 0100010f 00001000", "MRd32 01:00.0 tag=0x1 -> 0x1000 len=1 be=f/0 pasid=0x12345 exec priv")]
    [InlineData("91412345 00000001 0100010f 00001000", "MRd32 01:00.0 tag=0x1 -> 0x1000 len=1 be=f/0 pasid=0x12345 exec")]
    [InlineData("40004001 0000000f 00001000 12345678", "MWr32 00:00.0 -> 0x1000 len=1 be=f/0 EP")]
    public void KnownBytesMeanTheirFieldsAndComeBackUnchanged(string hex, string description)
    {
        var wire = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
        Assert.True(TlpCodec.TryDecode(wire, _pool, out var tlp, out var error), error.ToString());
        Assert.Equal(description, tlp.ToString());
        Assert.Equal(Convert.ToHexString(wire), Convert.ToHexString(Encode(tlp)));
    }

    [Fact]
    public void PayloadBytesTravelInAddressOrder()
    {
        var tlp = Tlp.MemoryWrite(Requester, 0x1001, [0xA1, 0xA2, 0xA3, 0xA4], _pool);
        Assert.Equal("40000002" + "010000" + "1E" + "00001000" + "00A1A2A3" + "A4000000", Convert.ToHexString(Encode(tlp)));
    }

    [Fact]
    public void AHundredThousandTlpsOfEveryTypeSurviveTheWire()
    {
        var random = TestSeed.Random(output);
        var tlps = new RandomTlp(random, _pool);
        var wire = new byte[Limits.MaxTlpBytes];
        for (var i = 0; i < 104_000; i++)
        {
            var tlp = tlps.Next(RandomTlp.Types[i % RandomTlp.Types.Length]);
            Assert.Equal(RandomTlp.Types[i % RandomTlp.Types.Length], tlp.Type);
            var length = TlpCodec.Encode(tlp, wire);
            Assert.Equal(TlpCodec.EncodedBytes(tlp), length);
            Assert.True(TlpCodec.TryDecode(wire.AsSpan(0, length), _pool, out var back, out var error), $"{tlp}: {error}");
            TlpAssert.Same(tlp, back);
            back.Release(_pool);
            tlp.Release(_pool);
        }
        Assert.Equal(0, _pool.Outstanding);
    }

    [Fact]
    public void MutatedBytesGiveANamedErrorOrATlpThatComesBack()
    {
        var random = TestSeed.Random(output);
        var tlps = new RandomTlp(random, _pool);
        var wire = new byte[Limits.MaxTlpBytes + 8];
        int accepted = 0, refused = 0;
        for (var i = 0; i < 60_000; i++)
        {
            var tlp = tlps.Next(RandomTlp.Types[i % RandomTlp.Types.Length]);
            tlp.HasDigest &= i % 8 == 0;
            var length = TlpCodec.Encode(tlp, wire);
            tlp.Release(_pool);
            for (var flips = random.Next(1, 4); flips > 0; flips--) wire[random.Next(Math.Min(length, 20))] ^= (byte)(1 << random.Next(8));
            if (random.Next(4) == 0) length = random.Next(length + 8);
            if (!TlpCodec.TryDecode(wire.AsSpan(0, length), _pool, out var first, out var error))
            {
                Assert.NotEqual(TlpDecodeFault.None, error.Fault);
                Assert.InRange(error.ByteOffset, 0, length);
                Assert.NotEmpty(error.ToString());
                refused++;
                continue;
            }
            accepted++;
            var canonical = Encode(first);
            Assert.True(TlpCodec.TryDecode(canonical, _pool, out var second, out error), error.ToString());
            TlpAssert.Same(first, second);
            Assert.Equal(canonical, Encode(second));
            Assert.NotEmpty(first.ToString());
            TlpRules.Check(first, new TlpLimits(256));
            first.Release(_pool);
            second.Release(_pool);
        }
        Assert.True(accepted > 1000 && refused > 1000, $"{accepted} accepted, {refused} refused");
        Assert.Equal(0, _pool.Outstanding);
    }

    [Fact]
    public void EveryTruncationIsNamed()
    {
        var tlp = Tlp.MemoryWrite(Requester, 0x1_0000_0000, new byte[8], _pool);
        tlp.HasDigest = true;
        tlp.SetPasid(7);
        var wire = Encode(tlp);
        for (var length = 0; length < wire.Length; length++)
        {
            Assert.False(TlpCodec.TryDecode(wire.AsSpan(0, length), _pool, out _, out var error));
            Assert.Equal(length < 20 ? TlpDecodeFault.TruncatedHeader : length < 28 ? TlpDecodeFault.TruncatedPayload : TlpDecodeFault.TruncatedDigest, error.Fault);
            Assert.Equal(length, error.ByteOffset);
        }
    }

    [Theory]
    [InlineData("000000010100010f0000100000", TlpDecodeFault.TrailingBytes, 12)]
    [InlineData("9100000191000001000000010100010f00001000", TlpDecodeFault.RepeatedPrefix, 4)]
    [InlineData("90000001000000010100010f00001000", TlpDecodeFault.UnsupportedPrefix, 0)]
    [InlineData("81000001000000010100010f00001000", TlpDecodeFault.UnsupportedPrefix, 0)]
    [InlineData("000080010100010f0000100000000000", TlpDecodeFault.EcrcMismatch, 12)]
    public void WrongBytesAreNamedAndLocated(string hex, TlpDecodeFault fault, int at)
    {
        Assert.False(TlpCodec.TryDecode(Convert.FromHexString(hex), _pool, out _, out var error));
        Assert.Equal(new TlpDecodeError(fault, at), error);
    }

    [Fact]
    public void OnlyTheDefinedTypesAreTlps()
    {
        var defined = new List<byte>();
        for (var first = 0; first < 128; first++)
        {
            var wire = new byte[20];
            wire[0] = (byte)first;
            wire[3] = 1;
            var isTlp = TlpCodec.TryDecode(wire.AsSpan(0, 12 + (first & 0x20) / 8 + (first & 0x40) / 16), _pool, out _, out var error);
            Assert.True(isTlp || error.Fault == TlpDecodeFault.UndefinedType);
            if (isTlp) defined.Add(wire[0]);
        }
        var expected = RandomTlp.Types.SelectMany(type => type is TlpType.Msg or TlpType.MsgD ? Enumerable.Range((int)type, 8) : [(int)type]);
        Assert.Equal(expected.Order(), defined.Select(value => (int)value));
    }

    [Fact]
    public void TheDigestIsTheSpecificationsCrcOfInvariantBits()
    {
        var random = TestSeed.Random(output);
        var tlps = new RandomTlp(random, _pool);
        for (var i = 0; i < 500; i++)
        {
            var tlp = tlps.Next(RandomTlp.Types[i % RandomTlp.Types.Length]);
            tlp.HasDigest = true;
            var wire = Encode(tlp);
            Assert.Equal(DigestByTheBook(wire.AsSpan(0, wire.Length - 4).ToArray(), tlp.HasPasid ? 4 : 0), BinaryPrimitives.ReadUInt32BigEndian(wire.AsSpan(wire.Length - 4)));
            tlp.Release(_pool);
        }
    }

    [Fact]
    public void PoisonAndConfigTypeDoNotChangeTheDigest()
    {
        var type1 = Tlp.ConfigWrite(1, Requester, 3, new Bdf(2, 0, 0), 16, 0xFFFFFFFF);
        type1.HasDigest = true;
        var type0 = type1.AsConfigType0();
        type0.IsPoisoned = true;
        Assert.Equal(Encode(type1)[^4..], Encode(type0)[^4..]);
        Assert.NotEqual(Encode(type1)[0], Encode(type0)[0]);
    }

    [Fact]
    public void AFlippedInvariantBitIsAnEcrcError()
    {
        var tlp = Tlp.MemoryWrite(Requester, 0x1000, [1, 2, 3, 4, 5, 6, 7, 8], _pool);
        tlp.HasDigest = true;
        var wire = Encode(tlp);
        for (var bit = 0; bit < wire.Length * 8; bit++)
        {
            var isLengthOrFormat = bit < 32;
            if (isLengthOrFormat) continue;
            var damaged = (byte[])wire.Clone();
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(TlpCodec.TryDecode(damaged, _pool, out _, out var error));
            Assert.Equal(TlpDecodeFault.EcrcMismatch, error.Fault);
        }
    }

    [Fact]
    public void CodingAllocatesNothing()
    {
        var tlp = Tlp.MemoryWrite(Requester, 0x1000, new byte[128], _pool);
        tlp.HasDigest = true;
        var wire = new byte[Limits.MaxTlpBytes];
        Assert.Equal(0, Allocation.Of(() => RoundTrips(tlp, wire, 1000)));
    }

    private void RoundTrips(in Tlp tlp, byte[] wire, int count)
    {
        for (var i = 0; i < count; i++)
        {
            var length = TlpCodec.Encode(tlp, wire);
            if (!TlpCodec.TryDecode(wire.AsSpan(0, length), _pool, out var back, out _)) throw new InvalidOperationException("did not decode");
            TlpRules.Check(back, new TlpLimits(128));
            back.Release(_pool);
        }
    }

    private static byte[] Encode(in Tlp tlp)
    {
        var wire = new byte[TlpCodec.EncodedBytes(tlp)];
        Assert.Equal(wire.Length, TlpCodec.Encode(tlp, wire));
        return wire;
    }

    /// <summary>Section 2.7.1 to the letter: a shift register fed bit 0 of byte 0 first, the complement mapped by table 2-55.</summary>
    private static uint DigestByTheBook(byte[] tlp, int header)
    {
        tlp[header] |= 0x01;
        tlp[header + 2] |= 0x40;
        var register = 0xFFFF_FFFFu;
        foreach (var value in tlp)
        {
            for (var bit = 0; bit < 8; bit++)
            {
                var feedback = (register >> 31) ^ (uint)(value >> bit & 1);
                register = (register << 1) ^ (feedback * 0x04C1_1DB7);
            }
        }
        var result = ~register;
        var field = 0u;
        for (var bit = 0; bit < 32; bit++) field |= (result >> bit & 1) << (bit / 8 * 8 + 7 - bit % 8);
        return field;
    }
}
