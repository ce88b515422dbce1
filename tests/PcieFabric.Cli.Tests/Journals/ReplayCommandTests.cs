using System.Text.Json;
using PcieFabric.Cli.CommandLine;
using PcieFabric.Cli.Tests.CommandLine;
using PcieFabric.Cli.Tests.House;
using PcieFabric.Documents;
using PcieFabric.Experiments;
using PcieFabric.Recording;

namespace PcieFabric.Cli.Tests.Journals;

public sealed class ReplayCommandTests : IDisposable
{
    private static readonly string Experiment = Path.Combine(Repository.Root, "config/experiments/mmio-write.yaml");
    private static readonly string[] Short = ["--set", "workloads.one-endpoint.count=50", "--set", "workloads.four-endpoints.count=10000"];

    private readonly string _folder = Directory.CreateTempSubdirectory("replay").FullName;

    private string Journal => Path.Combine(_folder, "run.pfj");

    [Fact]
    public async Task WhatRunRecordsReplays()
    {
        var run = await CommandRun.Of(["run", Experiment, .. Short, "--json", "--journal", Journal]);
        var replay = await CommandRun.Of("replay", Journal);
        var stats = await CommandRun.Of("journal", "stats", Journal, "--json");

        Assert.Equal(ExitCode.Done, run.ExitCode);
        Assert.Equal((ExitCode.Done, ""), (replay.ExitCode, replay.Error));
        Assert.Matches(@"run\.pfj: no divergence in \d+ digests, up to [\d.]+ ms", replay.Output);
        Assert.Equal(JsonDocument.Parse(run.Output).RootElement.GetProperty("messages").GetInt64(), JsonDocument.Parse(stats.Output).RootElement.GetProperty("delivered").GetInt64());
    }

    [Fact]
    public async Task AnActorAndATimeCanBeChosen()
    {
        await CommandRun.Of(["run", Experiment, "--set", "workloads.one-endpoint.count=5", "--set", "workloads.four-endpoints.count=5", "--journal", Journal, "--journal-level", "messages"]);

        var all = JsonDocument.Parse((await CommandRun.Of("replay", Journal, "--json")).Output).RootElement;
        var early = JsonDocument.Parse((await CommandRun.Of("replay", Journal, "--json", "--until", "100us")).Output).RootElement;
        var actor = JsonDocument.Parse((await CommandRun.Of("replay", Journal, "--json", "--actor", "host0/rp0/leaf/up")).Output).RootElement;

        Assert.All([all, early, actor], replay => Assert.True(replay.GetProperty("same").GetBoolean()));
        Assert.InRange(early.GetProperty("messages").GetInt64(), 1, all.GetProperty("messages").GetInt64() - 1);
        Assert.InRange(early.GetProperty("comparedUntilPs").GetInt64(), 1, 99_999_999);
        Assert.InRange(actor.GetProperty("messages").GetInt64(), 1, all.GetProperty("messages").GetInt64() - 1);
    }

    [Fact]
    public async Task ADivergenceIsExitCodeOneAndShowsBothSides()
    {
        Record("workloads.one-endpoint.count=5", said: "workloads.one-endpoint.count=6");

        var replay = await CommandRun.Of("replay", Journal);
        var json = JsonDocument.Parse((await CommandRun.Of("replay", Journal, "--json")).Output).RootElement;

        Assert.Equal(ExitCode.NotMet, replay.ExitCode);
        Assert.Matches(@"run\.pfj: the replay diverges at .*, message \d+.*\n  recorded: .* → .*\n  replayed: .* → .*\n$", replay.Output);
        Assert.False(json.GetProperty("same").GetBoolean());
        Assert.NotEqual(json.GetProperty("divergence").GetProperty("first").GetString(), json.GetProperty("divergence").GetProperty("second").GetString());
    }

    [Theory]
    [InlineData("--until", "20", "has no unit")]
    [InlineData("--actor", "host0/rp9", "no actor 'host0/rp9' (did you mean 'host0/rp")]
    public async Task AWrongOptionIsSaid(string option, string value, string said)
    {
        Record("workloads.one-endpoint.count=5", "workloads.one-endpoint.count=5");

        var replay = await CommandRun.Of("replay", Journal, option, value);

        Assert.Equal(ExitCode.WrongInput, replay.ExitCode);
        Assert.Contains(said, replay.Error);
        Assert.Equal(1, replay.Error.Count('\n'));
    }

    [Fact]
    public async Task AJournalThatCannotBeWrittenIsSaidBeforeTheRun()
    {
        var run = await CommandRun.Of("run", Experiment, "--journal", Path.Combine(_folder, "absent", "run.pfj"));

        Assert.Equal((ExitCode.WrongInput, 1), (run.ExitCode, run.Error.Count('\n')));
        Assert.Contains("its directory does not exist", run.Error);
        Assert.Empty(run.Output);
    }

    [Fact]
    public async Task ALevelThatThereIsNotIsSaid()
    {
        var run = await CommandRun.Of("run", Experiment, "--journal", Journal, "--journal-level", "all");

        Assert.Equal((ExitCode.WrongInput, "--journal-level: there is no level 'all' (inputs or messages)\n"), (run.ExitCode, run.Error));
    }

    [Fact]
    public async Task AFullDiskIsWhatTheEnvironmentLacks()
    {
        File.CreateSymbolicLink(Journal + ".partial", "/dev/full");

        var run = await CommandRun.Of(["run", Experiment, .. Short, "--journal", Journal]);

        Assert.Equal(ExitCode.EnvironmentLacks, run.ExitCode);
        Assert.Contains("the journal cannot be written: No space left on device", run.Error);
        Assert.False(File.Exists(Journal));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>Records an experiment, and says of it in the journal that it was another.</summary>
    private void Record(string ran, string said)
    {
        using var run = ExperimentRun.Prepare(Read(ran));
        using var recorder = JournalRecorder.Create(Journal, run.Fabric.Engine, RecorderOptions.For(Read(said)));
        run.Execute();
        recorder.Finish();

        static ExperimentDefinition Read(string set) => ExperimentReader.Read(Experiment, DiskFiles.Instance, Override.Parse("workloads.four-endpoints.count=5"), Override.Parse(set));
    }
}
