using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using PcieFabric.Cli.CommandLine;
using PcieFabric.Cli.Tests.CommandLine;

namespace PcieFabric.Cli.Tests.Trees;

public sealed partial class TreeCommandTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("pciefabric-test");

    public static TheoryData<string> Topologies => ShownTopology.Names;

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [MemberData(nameof(Topologies))]
    public async Task TheWholeTreeHasALineForEveryFunction(string topology)
    {
        var shown = await ShownTopology.Of(topology);
        var run = await CommandRun.Of("tree", ShownTopology.PathOf(topology), "--all");

        var lines = run.Output.Split('\n').Where(line => FunctionLine().IsMatch(line)).ToList();
        Assert.Equal(shown.Functions.Select(function => function.GetProperty("path").GetString()), lines.Select(line => line.Split(' ')[^1]));
        Assert.All(lines.Zip(shown.Functions), pair =>
        {
            var ids = $"{pair.Second.GetProperty("vendor").GetString()![2..]}:{pair.Second.GetProperty("device").GetString()![2..]}";
            Assert.Contains($"{pair.Second.GetProperty("address").GetString()![^7..]} {pair.Second.GetProperty("class").GetString()} {ids}", pair.First);
        });
    }

    [Fact]
    public async Task ASmallFabricLooksLikeThis()
    {
        var run = await CommandRun.Of("tree", ShownTopology.PathOf("minimal"));

        Assert.Equal(
            """
            minimal
            └── host0  segment 0000, buses 00-01
                └── 00:01.0 PCI bridge 1b36:000c  [01]  gen3 x8  host0/rp0
                    └── 01:00.0 Unassigned class 1d0f:0001  gen3 x8  host0/rp0/card/fn0
            """, string.Join('\n', run.Output.Split('\n').Take(4).Select(line => line.TrimEnd())));
        Assert.Matches(@"\n1 function of endpoints and 1 bridge on 2 buses of 1 segment, enumerated in \d+\.\d\d s: [\d.]+ ms of virtual time, [\d,]+ messages\n$", run.Output);
    }

    [Fact]
    public async Task ARackFitsOnAScreenBecauseEqualSiblingsShareALine()
    {
        var run = await CommandRun.Of("tree", ShownTopology.PathOf("rack"));

        var tree = run.Output[..run.Output.IndexOf("\n\n", StringComparison.Ordinal)];
        Assert.InRange(tree.Split('\n').Length, 7, 24);
        Assert.Equal(4096, Times().Matches(tree).Aggregate(1, (product, match) => product * int.Parse(match.Groups[1].Value)));
        Assert.Contains("05:00.0 … 05:00.7 ×8 System peripheral 1d0f:0001  gen4 x4  node0/rp0/spine/dp0/leaf/dp0/octet/fn0 … fn7", tree);
    }

    [Fact]
    public async Task SiblingsThatDifferKeepTheirLines()
    {
        var file = Write("""
            functions:
              small: { vendor: 0x1d0f, device: 1, bars: [{ index: 0, size: 64 KiB }] }
              large: { vendor: 0x1d0f, device: 1, bars: [{ index: 0, size: 1 MiB }] }
            endpoints:
              card: { functions: [{ kind: small, count: 3 }, large, small] }
            hosts:
              host0: { ports: [{ attach: card, count: 12 }, { attach: none }] }
            """);
        var run = await CommandRun.Of("tree", file);

        Assert.Contains("00:01.0 … 00:0c.0 ×12 ", run.Output);
        Assert.Contains("01:00.0 … 01:00.2 ×3 ", run.Output);
        Assert.Contains(" 01:00.3 ", run.Output);
        Assert.Contains(" 01:00.4 ", run.Output);
        Assert.Contains("empty slot  host0/rp12", run.Output);
    }

    [Fact]
    public async Task DepthCutsAndCountsWhatIsBelow()
    {
        var run = await CommandRun.Of("tree", ShownTopology.PathOf("one-switch"), "--depth", "2");

        Assert.Contains("host0/rp0/leaf/up", run.Output);
        Assert.DoesNotContain("host0/rp0/leaf/dp0", run.Output);
        Assert.Contains("└── … 8 functions", run.Output);
        Assert.Contains("host0/rp1/card/fn0", run.Output);
    }

    [Fact]
    public async Task VerboseShowsAddressesSizesAndCapabilities()
    {
        var run = await CommandRun.Of("tree", ShownTopology.PathOf("two-level"), "-v");

        Assert.Contains("BAR0: 64-bit memory, prefetchable, 0x10000000000-0x100000fffff (1 MiB)", run.Output);
        Assert.Contains("BAR1: I/O 0x1000-0x10ff (256 B)", run.Output);
        Assert.Contains("expansion ROM: 0x", run.Output);
        Assert.Matches(@"VF BAR0: 64-bit memory, prefetchable, 0x\w+-0x\w+ \(1 MiB\) for 16 VFs", run.Output);
        Assert.Matches(@"memory window: 0x80000000-0x\w+", run.Output);
        Assert.Contains("MPS 256 of 512 B", run.Output);
        Assert.Contains("Single Root I/O Virtualization", run.Output);
    }

    [Fact]
    public async Task OneHostHasItsTrueDomainAndSeveralAreToldApart()
    {
        var all = await ShownTopology.Of("rack");
        var one = await CommandRun.Of("tree", ShownTopology.PathOf("rack"), "--host", "node1", "--json");
        var addresses = JsonDocument.Parse(one.Output).RootElement.GetProperty("hosts")[0].GetProperty("segments")[0].GetProperty("functions")
            .EnumerateArray().Select(function => function.GetProperty("address").GetString()!).ToList();

        Assert.Equal(148 + 1024, addresses.Count);
        Assert.All(addresses, address => Assert.StartsWith("0000:", address));
        Assert.Equal(all.Functions.Count(), all.Functions.Select(function => function.GetProperty("address").GetString()).Distinct().Count());
        Assert.Superset(addresses.Select(address => "1" + address).ToHashSet(), all.Functions.Select(function => function.GetProperty("address").GetString()!).ToHashSet());
    }

    [Fact]
    public async Task ADumpOnStandardOutputIsTheFilesAndNothingElse()
    {
        var file = Path.Combine(_folder.FullName, "dump.txt");
        var printed = await CommandRun.Of("tree", ShownTopology.PathOf("minimal"), "--dump");
        var written = await CommandRun.Of("tree", ShownTopology.PathOf("minimal"), "--dump", file);

        Assert.StartsWith("0000:00:01.0 0604: 1b36:000c\n00: 36 1b 0c 00 ", printed.Output);
        Assert.Equal(printed.Output, await File.ReadAllTextAsync(file));
        Assert.Empty(written.Output);
        Assert.Equal([file], Directory.EnumerateFiles(_folder.FullName));
    }

    [Fact]
    public async Task ALongRowOfSwitchesIsStillDrawn()
    {
        const int levels = 60;
        var switches = string.Concat(Enumerable.Range(0, levels).Select(level => $"  s{level}: {{ ports: [{{ attach: {(level + 1 == levels ? "card" : $"s{level + 1}")} }}] }}\n"));
        var file = Write($$"""
            functions:
              dma: { vendor: 0x1d0f, device: 1 }
            endpoints:
              card: { functions: [dma] }
            switches:
            {{switches}}hosts:
              host0: { ports: [{ attach: s0 }] }
            """);
        var run = await CommandRun.Of("tree", file);

        Assert.Equal(ExitCode.Done, run.ExitCode);
        Assert.Equal(2 + 1 + 2 * levels + 1, run.Output.Split("\n\n")[0].Split('\n').Length);
    }

    [TerminalFact]
    public async Task ATerminalThatDoesNotKnowItsSizeGetsProgressAndTheTree()
    {
        var command = $"stty rows 0 cols 0; dotnet exec '{typeof(PcieFabricCommand).Assembly.Location}' tree '{ShownTopology.PathOf("rack")}'";
        using var process = Process.Start(new ProcessStartInfo(TerminalFactAttribute.Program, ["-qec", command, "/dev/null"]) { RedirectStandardOutput = true, RedirectStandardInput = true })!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();

        Assert.Equal(0, process.ExitCode);
        Assert.Contains("enumerating", output);
        Assert.Contains("4,096 functions of endpoints", output);
    }

    [Theory]
    [InlineData("nowhere.yaml", "'nowhere.yaml' does not exist")]
    [InlineData("TOPOLOGY --host host1", "the topology has no host 'host1' (did you mean 'host0'?)")]
    [InlineData("TOPOLOGY --depth 0", "--depth: 0 shows nothing")]
    [InlineData("TOPOLOGY --dump --json", "--json and --dump would both print on standard output")]
    [InlineData("TOPOLOGY --dump other.yaml", "--dump: 'other.yaml' would be overwritten")]
    [InlineData("TOPOLOGY --dump TOPOLOGY", "would be overwritten")]
    [InlineData("TOPOLOGY --dump nowhere/dump.txt", "create the folder first")]
    public async Task WrongInputIsOneLine(string arguments, string expected)
    {
        var run = await CommandRun.Of(["tree", .. arguments.Replace("TOPOLOGY", ShownTopology.PathOf("minimal")).Split(' ')]);

        Assert.Equal((ExitCode.WrongInput, ""), (run.ExitCode, run.Output));
        Assert.Contains(expected, Assert.Single(run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)));
    }

    [Fact]
    public async Task AddressesThatDoNotSufficePointAtTheHost()
    {
        var file = Write("""
            functions:
              dma: { vendor: 0x1d0f, device: 1, bars: [{ index: 0, size: 1 MiB, prefetchable: true }] }
            endpoints:
              card: { functions: [dma] }
            hosts:
              host0:
                prefetchable-window: { base: 0x10000000000, size: 1 MiB }
                ports: [{ attach: card, count: 2 }]
            """);
        var run = await CommandRun.Of("tree", file);

        Assert.Equal((ExitCode.WrongInput, ""), (run.ExitCode, run.Output));
        Assert.StartsWith($"{file}:7:", run.Error);
        Assert.Single(run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    private string Write(string topology)
    {
        var file = Path.Combine(_folder.FullName, "topology.yaml");
        File.WriteAllText(file, "name: test\n" + topology);
        return file;
    }

    [GeneratedRegex(@"── [0-9a-f]{2}:[0-9a-f]{2}\.[0-7] ")]
    private static partial Regex FunctionLine();

    [GeneratedRegex(@"×(\d+)")]
    private static partial Regex Times();
}
