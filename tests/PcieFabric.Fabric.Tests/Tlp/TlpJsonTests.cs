using PcieFabric.Addressing;
using PcieFabric.Input;
using PcieFabric.Memory;
using PcieFabric.Tlps;
using Xunit.Abstractions;

namespace PcieFabric.Fabric.Tests.Tlps;

public sealed class TlpJsonTests(ITestOutputHelper output)
{
    private static readonly SourceLocation Line = new("stdin", 3, 1);

    private readonly PayloadPool _pool = new();

    [Fact]
    public void AHundredThousandTlpsOfEveryTypeSurviveTheText()
    {
        var random = TestSeed.Random(output);
        var tlps = new RandomTlp(random, _pool);
        for (var i = 0; i < 104_000; i++)
        {
            var tlp = tlps.Next(RandomTlp.Types[i % RandomTlp.Types.Length]);
            var back = TlpJsonReader.Read(TlpJson.Format(tlp), Line, _pool);
            TlpAssert.Same(tlp, back);
            back.Release(_pool);
            tlp.Release(_pool);
        }
        Assert.Equal(0, _pool.Outstanding);
    }

    /// <summary>The fields of a malformed TLP are what a person most wants to see, and change.</summary>
    [Fact]
    public void WhateverTheWireBringsSurvivesTheText()
    {
        var random = TestSeed.Random(output);
        var wire = new byte[16 + 16];
        for (var i = 0; i < 26_000; i++)
        {
            random.NextBytes(wire);
            wire[0] = (byte)RandomTlp.Types[i % RandomTlp.Types.Length];
            wire[2] &= 0x7C;
            wire[3] = 4;
            var length = ((wire[0] & 0x20) != 0 ? 16 : 12) + ((wire[0] & 0x40) != 0 ? 16 : 0);
            Assert.True(TlpCodec.TryDecode(wire.AsSpan(0, length), _pool, out var tlp, out var error), error.ToString());
            var text = TlpJson.Format(tlp);
            var back = TlpJsonReader.Read(text, Line, _pool);
            TlpAssert.Same(tlp, back);
            Assert.Equal(text, TlpJson.Format(back));
            back.Release(_pool);
            tlp.Release(_pool);
        }
    }

    [Fact]
    public void FieldsHaveTheNamesOfTheSpecification()
    {
        var write = Tlp.MemoryWrite(new Bdf(1, 2, 3), 0x38_0000_0000, [1, 2, 3, 4], _pool);
        write.RelaxedOrdering = write.IdBasedOrdering = true;
        write.SetPasid(9, executeRequested: true);
        AssertFields(write, """{"type":"MWr64","length":1,"tc":0,"attr":6,"ep":false,"td":false,"at":0,"tag":0,"requester":"01:02.3","firstBe":15,"lastBe":0,"address":"0x3800000000","pasid":9,"pasidExecute":true,"data":"01020304"}""");

        var read = Tlp.ConfigRead(0, default, 1, new Bdf(5, 0, 0), 0x100);
        AssertFields(read, """{"type":"CfgRd0","length":1,"tc":0,"attr":0,"ep":false,"td":false,"at":0,"tag":1,"requester":"00:00.0","firstBe":15,"lastBe":0,"target":"05:00.0","register":256}""");
        AssertFields(
            Tlp.CompletionFor(read, new Bdf(5, 0, 0), CompletionStatus.UnsupportedRequest),
            """{"type":"Cpl","length":0,"tc":0,"attr":0,"ep":false,"td":false,"at":0,"tag":1,"requester":"00:00.0","completer":"05:00.0","status":"UR","byteCount":4,"lowerAddress":0,"bcm":false}""");
        AssertFields(
            Tlp.Message(MessageRouting.Local, 0x20, new Bdf(5, 0, 0)),
            """{"type":"Msg","length":0,"tc":0,"attr":0,"ep":false,"td":false,"at":0,"tag":0,"requester":"05:00.0","code":32,"routing":"Local","header":"0x0"}""");
    }

    [Fact]
    public void WhatGoesWithoutSayingMayBeLeftOut()
    {
        var tlp = TlpJsonReader.Read("""{"data":"0102030405060708","address":4096,"requester":"01:00.0","type":"MWr32"}""", Line, _pool);
        TlpAssert.Same(Tlp.MemoryWrite(new Bdf(1, 0, 0), 4096, [1, 2, 3, 4, 5, 6, 7, 8], _pool), tlp);
    }

    [Fact]
    public void WrongTrafficCanBeWrittenDown()
    {
        var tlp = TlpJsonReader.Read("""{"type":"CfgRd0","requester":"00:00.0","tag":1,"target":"01:00.0","register":0,"tc":3,"length":7,"lastBe":9}""", Line, _pool);
        Assert.Equal(TlpViolation.LengthNotOneDw, TlpRules.Check(tlp, new TlpLimits(128)));
    }

    [Theory]
    [InlineData("""{"type":"MWr33"}""", "stdin:3:9: there is no TLP type 'MWr33'")]
    [InlineData("""{"requester":"00:00.0"}""", "stdin:3:1: the field 'type' is missing")]
    [InlineData("""{"type":"MRd32","requester":"00:00.0","tag":1,"length":1}""", "stdin:3:1: the field 'address' is missing")]
    [InlineData("""{"type":"MRd32","requester":"00:00.0","tag":1,"address":"0x10"}""", "stdin:3:1: the field 'length' is missing")]
    [InlineData("""{"type":"MRd32","requester":"00:00.0","tag":1,"length":1,"address":"0x10","adress":1}""", "stdin:3:75: MRd32 has no field 'adress'")]
    [InlineData("""{"type":"IORd","requester":"00:00.0","tag":1,"address":"0x10","th":true}""", "stdin:3:63: IORd has no field 'th'")]
    [InlineData("""{"type":"MRd32","requester":"00:00.0","tag":1024,"length":1,"address":"0x10"}""", "stdin:3:45: 'tag' is out of range: 1024 (0 to 1023)")]
    [InlineData("""{"type":"MRd32","requester":"00:00.0","tag":-1,"length":1,"address":"0x10"}""", "stdin:3:45: 'tag' is no number: -1")]
    [InlineData("""{"type":"MRd32","requester":"00:00.0","tag":1,"length":0,"address":"0x10"}""", "stdin:3:56: 'length' is zero")]
    [InlineData("""{"type":"MRd32","requester":"00:00.0","tag":1,"length":1,"address":"0x100000000"}""", "stdin:3:68: 'address' is out of range: 0x100000000")]
    [InlineData("""{"type":"MRd32","requester":"00:00.0","tag":1,"length":1,"address":"0x11"}""", "stdin:3:68: 'address' is not a multiple of 4")]
    [InlineData("""{"type":"MRd32","requester":"00:20.0","tag":1,"length":1,"address":"0x10"}""", "stdin:3:29: 'requester' is no bus:device.function: 00:20.0")]
    [InlineData("""{"type":"MRd32","type":"MRd32"}""", "stdin:3:17: the field 'type' comes twice")]
    [InlineData("""{"type":"MWr32","requester":"00:00.0","address":"0x10","data":"012"}""", "stdin:3:63: 'data' is not hex")]
    [InlineData("""{"type":"MWr32","requester":"00:00.0","address":"0x10","data":"0102"}""", "stdin:3:63: 'data' has 2 bytes")]
    [InlineData("""{"type":"MWr32","requester":"00:00.0","address":"0x10","data":"01020304","length":2}""", "stdin:3:83: 'length' is 2 and 'data' has 1 DW")]
    [InlineData("""{"type":"Msg","requester":"00:00.0","code":32,"routing":"Locale"}""", "stdin:3:57: 'routing' has no value Locale")]
    [InlineData("""{"type":"Cpl","requester":"00:00.0","tag":1,"completer":"01:00.0","status":"SC","byteCount":0,"lowerAddress":0}""", "stdin:3:93: 'byteCount' is zero")]
    [InlineData("""{"type":"MWr32","tag":3,"requester":"00:00.0","address":"0x10","data":"01020304","th":true,"steeringTag":7}""", "stdin:3:87: a write with 'th' has no tag")]
    [InlineData("""{"type":{}}""", "stdin:3:9: 'type' is a number, a string, true or false")]
    [InlineData("""[]""", "stdin:3:1: a TLP is a JSON object")]
    [InlineData("""{"type":"MRd32" """, "stdin:3:17: this is not JSON")]
    [InlineData("""{"type":"MRd32"} x""", "stdin:3:18: this is not JSON")]
    [InlineData("""{"type":"\ud800"}""", "stdin:3:9: this is not JSON")]
    [InlineData("", "stdin:3:1: this is not JSON")]
    public void WrongTextIsLocatedAndExplained(string text, string expected)
    {
        var wrong = Assert.Throws<InputException>(() => TlpJsonReader.Read(text, Line, _pool));
        Assert.StartsWith(expected, wrong.Line, StringComparison.Ordinal);
        Assert.Equal(0, _pool.Outstanding);
    }

    [Fact]
    public void MutatedTextGivesALocatedErrorOrATlp()
    {
        var random = TestSeed.Random(output);
        var tlps = new RandomTlp(random, _pool);
        const string Letters = "{}[]\",:0123456789abcdefx\\u-. \u00e9";
        int accepted = 0, refused = 0;
        for (var i = 0; i < 26_000; i++)
        {
            var tlp = tlps.Next(RandomTlp.Types[i % RandomTlp.Types.Length]);
            var text = TlpJson.Format(tlp).ToCharArray();
            tlp.Release(_pool);
            text[random.Next(text.Length)] = Letters[random.Next(Letters.Length)];
            try
            {
                TlpJsonReader.Read(new string(text), Line, _pool).Release(_pool);
                accepted++;
            }
            catch (InputException wrong)
            {
                Assert.InRange(wrong.Location!.Value.Column, 1, text.Length + 1);
                refused++;
            }
        }
        Assert.True(accepted > 1000 && refused > 1000, $"{accepted} accepted, {refused} refused");
        Assert.Equal(0, _pool.Outstanding);
    }

    private static void AssertFields(in Tlp tlp, string expected) => Assert.Equal(expected, TlpJson.Format(tlp));
}
