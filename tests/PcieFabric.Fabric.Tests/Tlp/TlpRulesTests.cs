using PcieFabric.Memory;
using PcieFabric.Tlps;
using Xunit.Abstractions;

namespace PcieFabric.Fabric.Tests.Tlps;

public sealed class TlpRulesTests(ITestOutputHelper output)
{
    private readonly PayloadPool _pool = new();

    [Fact]
    public void WhatTheFactoriesAndTheSplitterMakeIsWellFormed()
    {
        var random = TestSeed.Random(output);
        var tlps = new RandomTlp(random, _pool);
        for (var i = 0; i < 52_000; i++)
        {
            var tlp = tlps.Next(RandomTlp.Types[i % RandomTlp.Types.Length]);
            Assert.True(TlpRules.Check(tlp, new TlpLimits(4096)) == TlpViolation.None, $"{tlp}: {TlpRules.Check(tlp, new TlpLimits(4096))}");
            tlp.Release(_pool);
        }
    }

    [Theory]
    [InlineData("40000021 0000000f 00001000", 132, TlpViolation.PayloadExceedsMaxPayloadSize)]
    [InlineData("40000020 000000ff 00001000", 128, TlpViolation.None)]
    [InlineData("00000081 000000ff 00001000", 0, TlpViolation.ReadExceedsMaxReadRequestSize)]
    [InlineData("00000080 000000ff 00001000", 0, TlpViolation.None)]
    [InlineData("00000002 000000ff 00001ffc", 0, TlpViolation.CrossesFourKiB)]
    [InlineData("00000002 000000ff 00001ff8", 0, TlpViolation.None)]
    [InlineData("20000001 0000000f 00000000 fee00000", 0, TlpViolation.FourDwHeaderBelowFourGiB)]
    [InlineData("20000001 0000000f 00000001 00000000", 0, TlpViolation.None)]
    [InlineData("00000001 0000001f 00001000", 0, TlpViolation.LastByteEnablesOfOneDw)]
    [InlineData("00000001 00000000 00001000", 0, TlpViolation.None)]
    [InlineData("00000001 00000005 00001000", 0, TlpViolation.None)]
    [InlineData("00000002 000000f0 00001000", 0, TlpViolation.FirstByteEnablesEmpty)]
    [InlineData("00000002 0000000f 00001000", 0, TlpViolation.LastByteEnablesEmpty)]
    [InlineData("00000002 00000055 00001000", 0, TlpViolation.None)]
    [InlineData("00000002 00000055 00001004", 0, TlpViolation.ByteEnablesNotContiguous)]
    [InlineData("00000002 0000003c 00001004", 0, TlpViolation.None)]
    [InlineData("00000003 0000003c 00001000", 0, TlpViolation.None)]
    [InlineData("00000003 000000f7 00001000", 0, TlpViolation.ByteEnablesNotContiguous)]
    [InlineData("00000003 000000cf 00001000", 0, TlpViolation.ByteEnablesNotContiguous)]
    [InlineData("00000c01 0000000f 00001000", 0, TlpViolation.ReservedAddressType)]
    [InlineData("40000401 0000000f 00001000", 4, TlpViolation.TranslationRequestNotARead)]
    [InlineData("00000402 000000ff 00001000", 0, TlpViolation.None)]
    [InlineData("02000002 0000000f 00001000", 0, TlpViolation.LengthNotOneDw)]
    [InlineData("02100001 0000000f 00001000", 0, TlpViolation.TrafficClassNotZero)]
    [InlineData("02001001 0000000f 00001000", 0, TlpViolation.AttributesNotZero)]
    [InlineData("02000001 0000001f 00001000", 0, TlpViolation.LastByteEnablesOfOneDw)]
    [InlineData("04000002 0000000f 01000000", 0, TlpViolation.LengthNotOneDw)]
    [InlineData("04200001 0000000f 01000000", 0, TlpViolation.TrafficClassNotZero)]
    [InlineData("44002001 0000000f 01000000", 4, TlpViolation.AttributesNotZero)]
    [InlineData("04040001 0000000f 01000000", 0, TlpViolation.None)]
    [InlineData("4c000003 00000000 00001000", 12, TlpViolation.AtomicOperandSize)]
    [InlineData("4e000001 00000000 00001000", 4, TlpViolation.AtomicOperandSize)]
    [InlineData("4e000008 00000000 00001008", 32, TlpViolation.AtomicNotAligned)]
    [InlineData("4e000008 00000000 00001010", 32, TlpViolation.None)]
    [InlineData("4d000002 00000000 00001004", 8, TlpViolation.AtomicNotAligned)]
    [InlineData("30000000 00000020 00000000 00000000", 0, TlpViolation.MessageRoutingMismatch)]
    [InlineData("34000000 00000033 00000000 00000000", 0, TlpViolation.MessageRoutingMismatch)]
    [InlineData("35000000 0000007f 00000000 00000000", 0, TlpViolation.MessageRoutingMismatch)]
    [InlineData("33000000 00000019 00000000 00000000", 0, TlpViolation.None)]
    [InlineData("35000000 0000001b 00000000 00000000", 0, TlpViolation.None)]
    [InlineData("34000000 00000050 00000000 00000000", 0, TlpViolation.MessageDataMismatch)]
    [InlineData("74000001 00000020 00000000 00000000", 4, TlpViolation.MessageDataMismatch)]
    [InlineData("34100000 00000020 00000000 00000000", 0, TlpViolation.TrafficClassNotZero)]
    [InlineData("34100000 0000007f 00000000 00000000", 0, TlpViolation.None)]
    [InlineData("34100000 000000ee 00000000 00000000", 0, TlpViolation.None)]
    [InlineData("91000001 04000001 0000000f 01000000", 0, TlpViolation.PasidNotAllowed)]
    [InlineData("91000001 0a000000 01000004 00000000", 0, TlpViolation.PasidNotAllowed)]
    [InlineData("91000001 30000000 00000004 00000000 00000000", 0, TlpViolation.None)]
    [InlineData("4a000001 01002004 00000000", 4, TlpViolation.DataWithoutSuccess)]
    [InlineData("4a000002 01000004 00000000", 8, TlpViolation.CompletionExceedsByteCount)]
    [InlineData("4a000002 01000004 00000002", 8, TlpViolation.None)]
    [InlineData("4a000004 01000080 00000000", 16, TlpViolation.CompletionEndsOffBoundary)]
    [InlineData("4a000004 01000080 00000030", 16, TlpViolation.None)]
    public void EachRuleHasAName(string header, int payloadBytes, TlpViolation expected)
    {
        var wire = Convert.FromHexString(header.Replace(" ", "", StringComparison.Ordinal) + new string('0', payloadBytes * 2));
        Assert.True(TlpCodec.TryDecode(wire, _pool, out var tlp, out var error), error.ToString());
        Assert.Equal(expected, TlpRules.Check(tlp, new TlpLimits(MaxPayloadBytes: 128, MaxReadRequestBytes: 512)));
        tlp.Release(_pool);
    }

    [Fact]
    public void AReadWithHintsMustEnableAllItsBytes()
    {
        var read = Tlp.MemoryRead(default, 1, 0x1001, 2);
        read.HasProcessingHints = true;
        Assert.Equal(TlpViolation.HintsNeedAllByteEnables, TlpRules.Check(read, new TlpLimits(128)));
    }
}
