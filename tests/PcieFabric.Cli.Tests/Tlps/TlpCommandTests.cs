using System.Text.Json;
using PcieFabric.Cli.CommandLine;
using PcieFabric.Cli.Tests.CommandLine;
using PcieFabric.Cli.Tlps;
using PcieFabric.Fabric.Tests.Tlps;
using PcieFabric.Input;
using PcieFabric.Memory;
using PcieFabric.Tlps;
using Xunit.Abstractions;

namespace PcieFabric.Cli.Tests.Tlps;

public sealed class TlpCommandTests(ITestOutputHelper output)
{
    [Fact]
    public void AHundredThousandTlpsOfEveryTypeSurviveDecodeAndEncode()
    {
        var random = TestSeed.Random(output);
        var pool = new PayloadPool();
        var tlps = new RandomTlp(random, pool);
        var wire = new byte[Limits.MaxTlpBytes];
        var hex = new StringWriter();
        for (var i = 0; i < 104_000; i++)
        {
            var tlp = tlps.Next(RandomTlp.Types[i % RandomTlp.Types.Length]);
            hex.WriteLine(Convert.ToHexStringLower(wire.AsSpan(0, TlpCodec.Encode(tlp, wire))));
            tlp.Release(pool);
        }
        var fields = new StringWriter();
        TlpDecoder.WriteJson(InputLine.From([], new StringReader(hex.ToString())), fields);
        var back = new StringWriter();
        TlpEncoder.WriteHex(InputLine.From([], new StringReader(fields.ToString())), back);

        // Not Assert.Equal: it would print both hundred megabytes.
        Assert.True(hex.ToString() == back.ToString(), "the hex that came back is not the hex that went in");
        var types = new Dictionary<string, int>();
        foreach (var line in fields.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries))
        {
            var type = line[9..line.IndexOf('"', 9)];
            types[type] = types.GetValueOrDefault(type) + 1;
        }
        Assert.Equal(Enum.GetNames<TlpType>().Order(), types.Keys.Order());
        Assert.All(types.Values, count => Assert.Equal(4000, count));
    }

    [Fact]
    public async Task DecodePrintsOneJsonObjectAnArgumentAndNothingElse()
    {
        var lines = (await Run("decode", "--json", "40000001 0000000f fdaff040 12345678", "0x00000001 0x00000c0f 0xfdaff040 # a read")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["MWr32", "MRd32"], lines.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("type").GetString()));
        Assert.Equal("12345678", JsonDocument.Parse(lines[0]).RootElement.GetProperty("data").GetString());
    }

    [Fact]
    public void AnEmptyArgumentIsNoTlp()
    {
        var wrong = Assert.Throws<InputException>(() => TlpDecoder.WriteJson(InputLine.From([""], TextReader.Null), TextWriter.Null));
        Assert.StartsWith("argument:1:1: the TLP ends inside its header", wrong.Line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DecodeShowsAPersonTheFieldsAndWhatIsWrongWithThem()
    {
        var text = await Run("decode", "02000002 0000010f 000003f8");
        Assert.StartsWith("IORd 00:00.0 tag=0x1 -> 0x3f8 be=f", text, StringComparison.Ordinal);
        Assert.Contains("LengthNotOneDw", text, StringComparison.Ordinal);
        Assert.DoesNotContain("LengthNotOneDw", await Run("decode", "02000001 0000010f 000003f8"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AMalformedTlpSaysSoInJsonTooAndIsEncodedAllTheSame()
    {
        const string Hex = "02000002" + "0000010f" + "000003f8";
        var fields = (await Run("decode", "--json", Hex)).Trim();
        Assert.Equal(nameof(TlpViolation.LengthNotOneDw), JsonDocument.Parse(fields).RootElement.GetProperty("malformed").GetString());
        Assert.Equal(Hex, (await Run("encode", fields)).Trim());
        Assert.DoesNotContain("malformed", await Run("decode", "--json", "02000001 0000010f 000003f8"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task EncodeIsTheInverseOfDecode()
    {
        const string Hex = "91c12345600080010100000f0000038000000000cafef00d";
        var fields = await Run("decode", "--json", Hex.Replace("8001", "0001", StringComparison.Ordinal));
        var withDigest = (await Run("encode", fields.Trim().Replace("\"td\":false", "\"td\":true", StringComparison.Ordinal))).Trim();
        Assert.Equal(Hex, withDigest[..^8]);
        Assert.Equal(withDigest, (await Run("encode", (await Run("decode", "--json", withDigest)).Trim())).Trim());
    }

    [Fact]
    public void BlankLinesAndCommentsCountAsLines()
    {
        var wrong = Assert.Throws<InputException>(() => TlpDecoder.WriteJson(InputLine.From([], new StringReader("# header log\n\n  00000001 0000000f 0000100")), new StringWriter()));
        Assert.StartsWith("stdin:3:27: half a byte", wrong.Line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("40000001 0000000g", "argument:1:17: 'g' is no hex digit")]
    [InlineData("00000001 0000000f", "argument:1:18: the TLP ends inside its header, after 8 bytes")]
    [InlineData("40000001 0000000f fdaff040", "argument:1:27: the TLP ends inside its payload, after 12 bytes")]
    [InlineData("00000001 0000000f fdaff040 00", "argument:1:28: bytes follow the end of the TLP, which is 12 bytes long")]
    [InlineData("1f000001 0000000f fdaff040", "argument:1:1: Fmt and Type are no defined combination")]
    [InlineData("00008001 0000000f fdaff040 00000000", "argument:1:28: the ECRC is wrong")]
    public async Task WrongHexIsLocatedAndExplained(string hex, string expected)
    {
        var run = await Invoke("decode", hex);
        Assert.Equal(ExitCode.WrongInput, run.ExitCode);
        Assert.StartsWith(expected, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AWrongLineLeavesNoHalfAnswer()
    {
        var run = await Invoke("decode", "--json", "00000001 0000000f fdaff040", "zz");
        Assert.Equal((ExitCode.WrongInput, ""), (run.ExitCode, run.Output));
    }

    [Fact]
    public void AnyLineIsReadOrRefusedWithItsPlace()
    {
        var random = TestSeed.Random(output);
        var pool = new PayloadPool();
        var tlps = new RandomTlp(random, pool);
        var wire = new byte[Limits.MaxTlpBytes];
        const string Letters = "0123456789abcdefABCDEFxX #g\t:\u00e9";
        int accepted = 0, refused = 0;
        for (var i = 0; i < 26_000; i++)
        {
            var tlp = tlps.Next(RandomTlp.Types[i % RandomTlp.Types.Length]);
            var text = Convert.ToHexStringLower(wire.AsSpan(0, TlpCodec.Encode(tlp, wire))).ToCharArray();
            tlp.Release(pool);
            for (var edits = random.Next(1, 3); edits > 0; edits--) text[random.Next(Math.Min(text.Length, 40))] = Letters[random.Next(random.Next(2) == 0 ? 16 : Letters.Length)];
            try
            {
                TlpDecoder.WriteJson(InputLine.From([new string(text)], TextReader.Null), TextWriter.Null);
                accepted++;
            }
            catch (InputException wrong)
            {
                Assert.InRange(wrong.Location!.Value.Column, 1, text.Length + 1);
                refused++;
            }
        }
        Assert.True(accepted > 1000 && refused > 1000, $"{accepted} accepted, {refused} refused");
    }

    [Fact]
    public async Task HelpShowsExamples()
    {
        Assert.Contains("pciefabric tlp decode \"40000001", await Run("decode", "--help"), StringComparison.Ordinal);
        Assert.Contains("pciefabric tlp encode '{", await Run("encode", "--help"), StringComparison.Ordinal);
    }

    private static async Task<string> Run(params string[] arguments)
    {
        var run = await Invoke(arguments);
        Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.Error));
        return run.Output;
    }

    private static Task<CommandRun> Invoke(params string[] arguments) => CommandRun.Of(["tlp", .. arguments]);
}
