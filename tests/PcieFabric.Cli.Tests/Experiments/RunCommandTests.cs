using System.Text.Json.Nodes;
using PcieFabric.Cli.CommandLine;
using PcieFabric.Cli.Tests.CommandLine;
using PcieFabric.Cli.Tests.House;

namespace PcieFabric.Cli.Tests.Experiments;

public class RunCommandTests
{
    private static readonly string Mmio = Path.Combine(Repository.Root, "config", "experiments", "mmio-write.yaml");
    private static readonly string[] Short = ["--set", "workloads.one-endpoint.count=50", "--set", "workloads.four-endpoints.count=10000"];

    private static Task<CommandRun> Run(params string[] args) => CommandRun.Of(["run", Mmio, .. args]);

    [Fact]
    public async Task ATableShowsWhatWasMeasuredAndWhichChecksAreMet()
    {
        var run = await Run(Short);

        Assert.Equal(ExitCode.Done, run.ExitCode);
        Assert.Empty(run.Error);
        Assert.Matches(@"one-endpoint +256 B +[\d.]+ Gb/s +[\d.]+ M/s .* 50 +0 ", run.Output);
        Assert.Matches(@"met +four-endpoints +operations == 40000 +40000 at 64 B", run.Output);
        Assert.Matches(@"\nmmio-write: all 4 checks met; .* of virtual time, [\d,]+ messages in [\d.]+ s\n$", run.Output);
    }

    [Fact]
    public async Task ACheckThatIsNotMetIsExitCodeOne()
    {
        var run = await Run("--set", "workloads.four-endpoints.count=10");

        Assert.Equal(ExitCode.NotMet, run.ExitCode);
        Assert.Matches(@"NOT MET +four-endpoints +operations == 40000 +40 at 64 B", run.Output);
        Assert.Contains("1 of 4 checks NOT MET", run.Output);
    }

    [Fact]
    public async Task AnExactRunPrintsItsDigest()
    {
        var run = await Run([.. Short, "--exact"]);

        Assert.Matches(@"messages in [\d.]+ s; digest [0-9a-f]{16}\n$", run.Output);
    }

    [Fact]
    public async Task JsonIsOneObjectWithTheSameDigestForTheSameRun()
    {
        var one = JsonNode.Parse((await Run([.. Short, "--json", "--exact"])).Output)!;
        var same = JsonNode.Parse((await Run([.. Short, "--json", "--exact", "--partitions", "3", "--threads", "2"])).Output)!;
        var other = JsonNode.Parse((await Run([.. Short, "--json", "--exact", "--seed", "9"])).Output)!;

        Assert.True((bool)one["met"]!);
        Assert.Equal(5, one["measured"]!.AsArray().Count);
        Assert.Equal(50, (int)one["measured"]![0]!["operations"]!);
        Assert.True((double)one["measured"]![0]!["latencyPs"]!["min"]! > 225_000);
        Assert.Equal(4, one["checks"]!.AsArray().Count);
        Assert.Equal((string)one["digest"]!, (string)same["digest"]!);
        Assert.NotEqual((string)one["digest"]!, (string)other["digest"]!);
        Assert.Equal(9, (int)other["seed"]!);
    }

    [Fact]
    public async Task WhatNeverEndsIsNamed()
    {
        var run = await Run("--set", "time-limit=200 us");

        Assert.Equal(ExitCode.NotMet, run.ExitCode);
        Assert.StartsWith("mmio-write: host0 still waits in ", run.Error);
    }

    [Theory]
    [InlineData("did you mean", "--set", "workloads.one-endpiont.count=1")]
    [InlineData("--partitions: 0 is out of range", "--partitions", "0")]
    [InlineData("--threads: 1000 is out of range", "--threads", "1000")]
    public async Task WrongInputIsOneLine(string expected, params string[] args)
    {
        var run = await Run(args);

        Assert.Equal(ExitCode.WrongInput, run.ExitCode);
        Assert.Contains(expected, run.Error);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
        Assert.Empty(run.Output);
    }
}
