using PcieFabric.Actors.Tests.Documents;
using PcieFabric.Documents;
using PcieFabric.Experiments;
using PcieFabric.Journals;
using PcieFabric.Recording;

namespace PcieFabric.Actors.Tests.Recording;

public sealed class RecordedExperimentTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();

    public static TheoryData<string> Shipped() => Documents.Shipped.Names("experiments");

    [Theory]
    [MemberData(nameof(Shipped))]
    public void AJournalOfEveryShippedExperimentReplays(string name)
    {
        Record(Read(name));

        var result = JournalReplay.ExpectNoDivergence(_path);

        Assert.True(result.Digests > 10);
    }

    [Fact]
    public void WithMessagesEveryOneIsCompared()
    {
        var totals = Record(Read("mmio-write.yaml", "workloads.one-endpoint.count=50", "workloads.four-endpoints.count=100"), new RecorderOptions());

        var result = JournalReplay.ExpectNoDivergence(_path);
        Assert.Equal(totals.Messages, result.Messages);
        Assert.Equal(0, result.ComparedExactly);
    }

    [Theory]
    [MemberData(nameof(Shipped))]
    public void AllThatAnEqualRunSaysIsFoundEqualAtOnce(string name)
    {
        Record(Read(name), new RecorderOptions());

        var result = JournalReplay.ExpectNoDivergence(_path, new ReplayOptions { Until = SimTime.FromMicroseconds(50) });

        Assert.True(result.Messages > 10);
        Assert.Equal(0, result.ComparedExactly);
    }

    [Fact]
    public void AnotherSeedAndWhatWasSetOverTheFilesAreRecordedToo()
    {
        var experiment = Read("mmio-write.yaml", "workloads.one-endpoint.count=50", "workloads.four-endpoints.count=100", "topology.defaults.link.width=4");

        Record(experiment, options: new ExperimentOptions { Seed = 77 });

        var result = JournalReplay.ExpectNoDivergence(_path);
        Assert.Equal(77ul, result.Run.Seed);
        Assert.Equal(experiment.Overrides, result.Run.Overrides);
    }

    [Fact]
    public void TheRunTheJournalAndTheTestHaveOneDigest()
    {
        var experiment = Read("mmio-write.yaml", "workloads.one-endpoint.count=50", "workloads.four-endpoints.count=100");
        using var run = ExperimentRun.Prepare(experiment, new ExperimentOptions { Digest = true });
        using var recorder = JournalRecorder.Create(_path, run.Fabric.Engine, new RecorderOptions { DigestWindow = RecorderOptions.DefaultDigestInterval });

        Assert.Equal(run.Execute().Digest, recorder.Finish().Digest);
    }

    [Theory]
    [InlineData("host0")]
    [InlineData("host0/rp0")]
    [InlineData("host0/rp0/leaf/up")]
    [InlineData("host0/rp0/leaf/dp0/card")]
    [InlineData("host0/rp0/leaf/dp0/card/fn0")]
    public void AnActorOfAnExperimentRunsAlone(string actor)
    {
        Record(Read("p2p-under-switch.yaml"), new RecorderOptions());

        var result = JournalReplay.ExpectNoDivergence(_path, new ReplayOptions { Actor = actor });

        Assert.True(result.Messages > 100);
    }

    [Fact]
    public void FilesThatSayOtherwiseThanTheRunAreADivergence()
    {
        var (ran, said) = (Read("mmio-write.yaml", "workloads.one-endpoint.count=50"), Read("mmio-write.yaml", "workloads.one-endpoint.count=51"));
        using (var run = ExperimentRun.Prepare(ran))
        {
            using var recorder = JournalRecorder.Create(_path, run.Fabric.Engine, RecorderOptions.For(said));
            run.Execute();
            recorder.Finish();
        }

        var diverged = Assert.Throws<ReplayDivergedException>(() => JournalReplay.ExpectNoDivergence(_path));

        Assert.NotEqual(diverged.Divergence.Recorded, diverged.Divergence.Replayed);
    }

    public void Dispose() => File.Delete(_path);

    private static ExperimentDefinition Read(string name, params string[] overrides) =>
        ExperimentReader.Read(Path.Combine(Documents.Shipped.Config, "experiments", name), DiskFiles.Instance, [.. overrides.Select(Override.Parse)]);

    private JournalTotals Record(ExperimentDefinition experiment, RecorderOptions? recording = null, ExperimentOptions? options = null)
    {
        using var run = ExperimentRun.Prepare(experiment, options);
        var level = recording?.Level ?? JournalLevel.Inputs;
        using var recorder = JournalRecorder.Create(_path, run.Fabric.Engine, RecorderOptions.For(experiment) with { Level = level });
        run.Execute();
        return recorder.Finish();
    }
}
