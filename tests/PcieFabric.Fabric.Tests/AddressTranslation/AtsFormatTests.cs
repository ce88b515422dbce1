using PcieFabric.Addressing;
using PcieFabric.AddressTranslation;
using PcieFabric.Fabric.Tests.Links;
using PcieFabric.Memory;
using PcieFabric.Tlps;
using Xunit.Abstractions;

namespace PcieFabric.Fabric.Tests.AddressTranslation;

/// <summary>The formats of PCIe 6.0 sections 10.2 and 10.3, byte by byte.</summary>
public class AtsFormatTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(0x1234_5678_9000ul, 0x1000ul, 0x1234_5678_9000ul)]
    [InlineData(0x1234_5678_8000ul, 0x2000ul, 0x1234_5678_8800ul)]
    [InlineData(0x1234_5678_8000ul, 0x4000ul, 0x1234_5678_9800ul)]
    [InlineData(0x1234_5660_0000ul, 0x20_0000ul, 0x1234_566F_F800ul)]
    [InlineData(0x1234_4000_0000ul, 0x4000_0000ul, 0x1234_5FFF_F800ul)]
    public void TheSizeOfARangeIsInTheLowestZeroOfItsAddress(ulong address, ulong size, ulong code)
    {
        Assert.Equal(code, TranslationRange.Encode(new AddressRange(address, size)));
        Assert.Equal(new AddressRange(address, size), TranslationRange.Decode(code));
    }

    [Fact]
    public void OnlyOnesAreEverything()
    {
        Assert.Equal(0xFFFF_FFFF_FFFF_F800, TranslationRange.Encode(TranslationRange.Everything));
        Assert.Equal(TranslationRange.Everything, TranslationRange.Decode(0xFFFF_FFFF_FFFF_F800));
        Assert.Throws<ArgumentException>(() => TranslationRange.Encode(new AddressRange(0x1000, 0x2000)));
        Assert.Throws<ArgumentException>(() => TranslationRange.Encode(new AddressRange(0, 0x3000)));
    }

    [Fact]
    public void TheEnclosingRangeIsTheSmallestThatHoldsAll()
    {
        var random = TestSeed.Random(output);
        for (var i = 0; i < 10_000; i++)
        {
            var range = new AddressRange((ulong)random.NextInt64(1L << random.Next(13, 48)) & ~0xFFFul, ((ulong)random.NextInt64(1L << random.Next(1, 40)) + 0x1000) & ~0xFFFul);
            var enclosing = TranslationRange.Enclosing(range);
            Assert.True(enclosing.Contains(range.Base, range.Size));
            Assert.Equal(enclosing, TranslationRange.Decode(TranslationRange.Encode(enclosing)));
            var half = enclosing.Size / 2;
            Assert.True(half < 0x1000 || (range.Base ^ range.Last) >= half, $"half of {enclosing} holds {range}");
        }
    }

    [Fact]
    public void ATranslationIsEightBytesTheHighestFirst()
    {
        Span<byte> bytes = stackalloc byte[8];
        new TranslationEntry(new AddressRange(0x12_3456_7000, 0x1000), PagePermissions.ReadWrite).Write(bytes);
        Assert.Equal("0000001234567003", Convert.ToHexString(bytes));
        new TranslationEntry(new AddressRange(0x12_3460_0000, 0x20_0000), PagePermissions.Read, NonSnooped: true, UntranslatedOnly: true, Global: true, Execute: true, Privileged: true).Write(bytes);
        Assert.Equal("00000012346FFC3D", Convert.ToHexString(bytes));
    }

    [Fact]
    public void EveryTranslationReadsAsItWasWritten()
    {
        var random = TestSeed.Random(output);
        var bytes = new byte[8];
        for (var i = 0; i < 10_000; i++)
        {
            var shift = random.Next(12, 50);
            var flags = random.Next(32);
            var entry = new TranslationEntry(
                new AddressRange((ulong)random.NextInt64() >> shift << shift, 1ul << shift), (PagePermissions)random.Next(4),
                (flags & 1) != 0, (flags & 2) != 0, (flags & 4) != 0, (flags & 8) != 0, (flags & 16) != 0);
            entry.Write(bytes);
            Assert.Equal(entry, TranslationEntry.Read(bytes));
        }
    }

    [Fact]
    public void ATranslationRequestIsAReadOfTwoDwsWithItsOwnAddressType()
    {
        foreach (var noWrite in new[] { false, true })
        {
            var request = Tlp.TranslationRequest(new Bdf(1, 0, 0), 9, 0x12_3456_7ABC, noWrite);
            var wire = new byte[TlpCodec.EncodedBytes(request)];
            TlpCodec.Encode(request, wire);
            Assert.Equal(noWrite ? "200004020100" + "09FF" + "0000001234567001" : "200004020100" + "09FF" + "0000001234567000", Convert.ToHexString(wire));
            Assert.True(TlpCodec.TryDecode(wire, new PayloadPool(), out var read, out _));
            Assert.Equal((AddressType.TranslationRequest, noWrite, 0x12_3456_7000ul), (read.AddressType, read.NoWrite, read.Address));
            Assert.Equal(TlpViolation.None, TlpRules.Check(read, new TlpLimits(128, 128)));
            var answer = Tlp.TranslationCompletion(read, default, 0x1234_5003);
            Assert.Equal((2, 8, "0000000012345003"), (answer.LengthDw, answer.ByteCount, Convert.ToHexString(answer.Payload)));
            Assert.Equal(TlpViolation.None, TlpRules.Check(answer, new TlpLimits(128, 128)));
        }
    }

    [Fact]
    public void InvalidateMessagesCarryTheirTagsWhereTheSpecificationPutsThem()
    {
        var pool = new PayloadPool();
        var request = new InvalidateRequest(19, new AddressRange(0x7_0020_0000, 0x20_0000), Pasid: 0x12345).ToTlp(new Bdf(0, 0, 0), new Bdf(5, 0, 1), pool);
        var wire = new byte[TlpCodec.EncodedBytes(request)];
        TlpCodec.Encode(request, wire);
        // PASID prefix; MsgD by ID, two DWs; requester, ITag, code; destination; body.
        Assert.Equal("91012345" + "72000002" + "00001301" + "0501000000000000" + "00000007002FF800", Convert.ToHexString(wire));
        Assert.Equal(new InvalidateRequest(19, new AddressRange(0x7_0020_0000, 0x20_0000), 0x12345), InvalidateRequest.Of(request));

        var completion = new InvalidateCompletion(1u << 19 | 1).ToTlp(new Bdf(5, 0, 1), new Bdf(0, 0, 0));
        wire = new byte[TlpCodec.EncodedBytes(completion)];
        TlpCodec.Encode(completion, wire);
        Assert.Equal("32000000" + "05010002" + "0000000100080001", Convert.ToHexString(wire));
        Assert.Equal(new InvalidateCompletion(1u << 19 | 1), InvalidateCompletion.Of(completion));
        Assert.All(new[] { request, completion }, message => Assert.Equal(TlpViolation.None, TlpRules.Check(message, new TlpLimits(128, 128))));
    }

    [Theory]
    [InlineData(0x1000ul, 0x8_0000_0000ul, TlpType.MRd64)]
    [InlineData(0x8_0000_0000ul, 0x1000ul, TlpType.MRd32)]
    public void ATranslatedAddressTakesTheHeaderThatItNeeds(ulong before, ulong after, TlpType type)
    {
        var moved = Tlp.MemoryRead(default, 0, before + 5, 100).WithAddress(after + 5);
        Assert.Equal((type, after + 4, 0xE, 1), (moved.Type, moved.Address, moved.FirstBe, moved.LastBe));
    }
}
