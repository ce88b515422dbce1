using System.Diagnostics;
using System.Text.Json;
using PcieFabric.Cli.CommandLine;
using PcieFabric.Cli.Tests.CommandLine;
using PcieFabric.Cli.Tests.House;

namespace PcieFabric.Cli.Tests.Journals;

public sealed class JournalCommandTests(RecordedRun recorded) : IClassFixture<RecordedRun>
{
    [Fact]
    public async Task ShowPrintsAMessageALine()
    {
        var run = await CommandRun.Of("journal", "show", recorded.Messages, "--filter", "type=CfgRd0", "--limit", "3");

        Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.Error));
        var lines = run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(3, lines.Length);
        Assert.All(lines, line => Assert.Matches(@"^[\d.]+ [num]s  host0\S* → host0\S*  (own )?CfgRd0 00:00.0 tag=0x", line));
    }

    [Theory]
    [InlineData("from=host0 to=host0/rp0 type=CfgRd0,CfgRd1")]
    [InlineData("bdf=01:00.0 kind=Tlp")]
    [InlineData("time=1us-2us")]
    [InlineData("time=-5us  actor=**/card")]
    [InlineData("address=0x0-0xffffffffffffffff")]
    public async Task AFilterChoosesSomeAndNotAll(string filter)
    {
        var all = await CommandRun.Of("journal", "show", recorded.Messages);
        var some = await CommandRun.Of("journal", "show", recorded.Messages, "--filter", filter);

        Assert.Equal(ExitCode.Done, some.ExitCode);
        var chosen = some.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.InRange(chosen.Length, 1, all.Output.Count('\n') - 1);
        Assert.Subset(all.Output.Split('\n').ToHashSet(), chosen.ToHashSet());
    }

    [Theory]
    [InlineData("type=MWr65", "--filter:1:6: unknown TLP type 'MWr65' (did you mean 'MWr64'?)")]
    [InlineData("actor=host0 tipe=MWr64", "--filter:1:13: unknown key 'tipe' (did you mean 'type'?)")]
    [InlineData("MWr64", "--filter:1:1: 'MWr64' is no term")]
    [InlineData("time=1-2us", "--filter:1:6: '1' has no unit")]
    [InlineData("time=2us-1us", "--filter:1:6: '2us-1us' ends before it starts")]
    [InlineData("address=0x10-zz", "--filter:1:14: 'zz' is no address")]
    [InlineData("bdf=3:4:5", "--filter:1:5: '3:4:5' is no bus:device.function")]
    [InlineData("type=", "--filter:1:6: 'type' has no value")]
    public async Task AWrongFilterIsLocated(string filter, string line)
    {
        var run = await CommandRun.Of("journal", "show", recorded.Messages, "--filter", filter);

        Assert.Equal(ExitCode.WrongInput, run.ExitCode);
        Assert.StartsWith(line, run.Error);
        Assert.Equal(1, run.Error.Count('\n'));
        Assert.Empty(run.Output);
    }

    [Fact]
    public async Task AFilterThatChoosesNothingIsSaidAndIsNoFailure()
    {
        var run = await CommandRun.Of("journal", "show", recorded.Messages, "--filter", "actor=nobody", "--json");

        Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.Output));
        Assert.EndsWith("messages.pfj: no message is chosen by the filter ('pciefabric journal stats' lists what there is)\n", run.Error);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    public async Task ALimitThatShowsNothingIsRefused(string limit)
    {
        var run = await CommandRun.Of("journal", "show", recorded.Messages, "--limit", limit);

        Assert.Equal((ExitCode.WrongInput, $"--limit: {limit} shows nothing (1 shows the first message)\n"), (run.ExitCode, run.Error));
    }

    /// <summary>A pipe in a folder of the test stands for devices too, which must survive the test.</summary>
    [Theory]
    [InlineData("export", "link")]
    [InlineData("record", "link")]
    [InlineData("dump", "link")]
    [InlineData("export", "pipe")]
    [InlineData("record", "pipe")]
    [InlineData("dump", "pipe")]
    public async Task WhatIsNoFileIsNotReplacedByOne(string writer, string kind)
    {
        var device = Path.Combine(recorded.Folder, $"{kind}-{writer}");
        if (kind == "link")
            File.CreateSymbolicLink(device, recorded.Again);
        else
            Process.Start("mkfifo", [device]).WaitForExit();
        string[] command = writer switch
        {
            "export" => ["journal", "export", recorded.Messages, "--pcapng", device],
            "record" => ["run", Path.Combine(Repository.Root, "config/experiments/mmio-write.yaml"), "--journal", device],
            _ => ["tree", Path.Combine(Repository.Root, "config/topologies/minimal.yaml"), "--dump", device],
        };

        var run = await CommandRun.Of(command);

        Assert.Equal((ExitCode.WrongInput, $"'{device}' is a link, a device or a pipe, which the file would replace (name a file)\n"), (run.ExitCode, run.Error));
        Assert.Equal(kind == "link" ? recorded.Again : null, new FileInfo(device).LinkTarget);
        Assert.Equal(0, kind == "pipe" ? new FileInfo(device).Length : 0);
        Assert.False(File.Exists(device + ".partial"));
    }

    [Fact]
    public async Task ShowPrintsJsonALine()
    {
        var run = await CommandRun.Of("journal", "show", recorded.Messages, "--json", "--filter", "type=CplD");

        var messages = run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.NotEmpty(messages);
        Assert.All(messages, message => Assert.Equal("CplD", message.GetProperty("tlp").GetProperty("type").GetString()));
    }

    [Fact]
    public async Task StatsCountsWhatShowPrints()
    {
        var run = await CommandRun.Of("journal", "stats", recorded.Messages, "--json");
        var all = await CommandRun.Of("journal", "show", recorded.Messages);

        var stats = JsonDocument.Parse(run.Output).RootElement;
        Assert.Equal(all.Output.Count('\n'), stats.GetProperty("kinds").EnumerateObject().Sum(kind => kind.Value.GetInt64()));
        Assert.Equal(all.Output.Count('\n'), stats.GetProperty("delivered").GetInt64());
        Assert.False(stats.GetProperty("truncated").GetBoolean());
        Assert.Contains("digest", (await CommandRun.Of("journal", "stats", recorded.Digests)).Output);
    }

    [Fact]
    public async Task DiffFindsNothingBetweenTwoRecordingsOfARun()
    {
        Assert.Equal(ExitCode.Done, (await CommandRun.Of("journal", "diff", recorded.Messages, recorded.Again)).ExitCode);
        Assert.Equal(ExitCode.Done, (await CommandRun.Of("journal", "diff", recorded.Messages, recorded.Digests)).ExitCode);
    }

    [Fact]
    public async Task DiffShowsTheFirstDifferenceFromBothSides()
    {
        var run = await CommandRun.Of("journal", "diff", recorded.Messages, recorded.Later);

        Assert.Equal(ExitCode.NotMet, run.ExitCode);
        Assert.Contains("the first difference is at", run.Output);
        Assert.Contains($"{recorded.Messages}: ", run.Output);
        Assert.Contains("timer", run.Output);
        var json = JsonDocument.Parse((await CommandRun.Of("journal", "diff", recorded.Messages, recorded.Later, "--json")).Output).RootElement;
        Assert.False(json.GetProperty("same").GetBoolean());
        Assert.Contains("timer", json.GetProperty("divergence").GetProperty("second").GetString());
    }

    [Fact]
    public async Task ACutJournalIsShownWithAWarning()
    {
        var run = await CommandRun.Of("journal", "show", recorded.Cut, "--limit", "1");

        Assert.Equal(ExitCode.Done, run.ExitCode);
        Assert.Contains("ends early", run.Error);
        var replay = await CommandRun.Of("replay", recorded.Cut);
        Assert.Equal(ExitCode.WrongInput, replay.ExitCode);
        Assert.Contains("--allow-truncated", replay.Error);
    }

    [Theory]
    [InlineData("journal", "stats")]
    [InlineData("replay")]
    [InlineData("journal", "show")]
    public async Task ADamagedJournalIsNamedWithTheBlockAndItsPlace(params string[] command)
    {
        var run = await CommandRun.Of([.. command, recorded.Damaged]);

        Assert.Equal(ExitCode.WrongInput, run.ExitCode);
        Assert.Matches(@"damaged\.pfj: damaged: .*block \d+ \(\w+, bytes \d+ to \d+", run.Error);
    }

    [Theory]
    [InlineData("journal", "show")]
    [InlineData("journal", "stats")]
    [InlineData("replay")]
    public async Task WhatIsNoJournalIsSaid(params string[] command)
    {
        var absent = await CommandRun.Of([.. command, Path.Combine(recorded.Folder, "absent.pfj")]);
        var folder = await CommandRun.Of([.. command, recorded.Folder]);
        var text = Path.Combine(recorded.Folder, "text.yaml");
        await File.WriteAllTextAsync(text, "name: minimal\n");
        var other = await CommandRun.Of([.. command, text]);

        Assert.All([absent, folder, other], run => Assert.Equal((ExitCode.WrongInput, 1), (run.ExitCode, run.Error.Count('\n'))));
        Assert.Contains("does not exist", absent.Error);
        Assert.Contains("it is a directory", folder.Error);
        Assert.Contains("not a journal", other.Error);
    }

    [Fact]
    public async Task AnExportHoldsEveryTlpOfEveryLink()
    {
        var path = Path.Combine(recorded.Folder, "run.pcapng");
        var run = await CommandRun.Of("journal", "export", recorded.Messages, "--pcapng", path);
        var onLink = await CommandRun.Of("journal", "show", recorded.Messages, "--filter", "from=host0/rp0 to=host0/rp0/card kind=Tlp");
        var back = await CommandRun.Of("journal", "show", recorded.Messages, "--filter", "to=host0/rp0 from=host0/rp0/card kind=Tlp");

        Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.Error));
        Assert.Contains($"{onLink.Output.Count('\n') + back.Output.Count('\n')} TLPs on 2 directions of links", run.Output);
        Assert.False(File.Exists(path + ".partial"));
    }

    [TsharkFact]
    public async Task WiresharkReadsAnExport()
    {
        var path = Path.Combine(recorded.Folder, "shark.pcapng");
        await CommandRun.Of("journal", "export", recorded.Messages, "--pcapng", path);
        var shown = await CommandRun.Of("journal", "show", recorded.Messages, "--filter", "from=host0/rp0 to=host0/rp0/card kind=Tlp", "--limit", "1");

        var packets = (await Tshark("-r", path, "-T", "fields", "-e", "frame.time_epoch", "-e", "frame.interface_name", "-e", "frame.len", "-e", "frame.comment")).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        var first = packets[0].Split('\t');
        Assert.Equal("host0/rp0 → host0/rp0/card", first[1]);
        Assert.Equal("12", first[2]);
        Assert.EndsWith(first[3], shown.Output.Trim());
        Assert.StartsWith("CfgRd0 ", first[3]);
    }

    private static async Task<string> Tshark(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("tshark", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, await error);
        return output;
    }
}
