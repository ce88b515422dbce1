using PcieFabric.Input;
using PcieFabric.Journals;
using PcieFabric.Recording;
using PcieFabric.Units;
using Xunit.Abstractions;

namespace PcieFabric.Actors.Tests.Recording;

public class ReplayTests(ITestOutputHelper output)
{
    private static readonly RecorderOptions DigestsAlone = new() { Level = JournalLevel.Inputs, DigestInterval = SimTime.FromMicroseconds(1) };

    [Theory]
    [InlineData("minimal")]
    [InlineData("one-switch")]
    [InlineData("two-level")]
    public void ARunReplaysAsItWasRecorded(string topology)
    {
        var fabric = new BusyFabric(topology);
        foreach (var options in new[] { new RecorderOptions(), DigestsAlone })
        {
            var result = Replay(fabric.Record(options), fabric);

            Assert.Null(result.Divergence);
            Assert.Equal(0, result.ComparedExactly);
            Assert.True(result.Messages + result.Digests > 20);
        }
    }

    [Fact]
    public void AReplayOnSeveralPartitionsFindsTheSame()
    {
        var result = Replay(new BusyFabric().Record(), new BusyFabric { Partitions = 3, Threads = 2 });

        Assert.Null(result.Divergence);
        Assert.Equal(0, result.ComparedExactly);
    }

    [Fact]
    public void AModelThatChangedIsCaughtAtTheFirstMessageThatDiffers()
    {
        var journal = new BusyFabric().Record();
        var changed = new BusyFabric { Thinks = SimTime.FromNanoseconds(101) };

        var divergence = Replay(journal, changed).Divergence;

        Assert.NotNull(divergence);
        output.WriteLine(divergence.ToString());
        var (index, recorded, replayed) = FirstDifference(journal, changed.Record());
        Assert.Equal($"message {index}", divergence.Where);
        Assert.Equal((recorded, replayed), (divergence.Recorded, divergence.Replayed));
        // The alarm for which the card waits a nanosecond longer is the first thing that anybody can see of it.
        Assert.Contains("timer", divergence.Recorded);
    }

    [Fact]
    public void WithoutMessagesTheIntervalAndTheActorAreNamed()
    {
        var divergence = Replay(new BusyFabric().Record(DigestsAlone), new BusyFabric { Thinks = SimTime.FromNanoseconds(101) }).Divergence;

        Assert.NotNull(divergence);
        output.WriteLine(divergence.ToString());
        var byMessage = Replay(new BusyFabric().Record(), new BusyFabric { Thinks = SimTime.FromNanoseconds(101) }).Divergence!;
        Assert.Equal(byMessage.At.Picoseconds / 1_000_000, divergence.At.Picoseconds / 1_000_000);
        Assert.Contains("in what host0", divergence.Where);
    }

    [Fact]
    public void ARunThatGoesOnLongerOrEndsEarlierIsCaught()
    {
        var (few, many) = (new BusyFabric { Cards = 2 }, new BusyFabric { Cards = 3 });

        Assert.NotNull(Replay(few.Record(), many).Divergence);
        Assert.NotNull(Replay(many.Record(), few).Divergence);
        Assert.NotNull(Replay(few.Record(DigestsAlone), many).Divergence);
        Assert.NotNull(Replay(many.Record(DigestsAlone), few).Divergence);
    }

    [Fact]
    public void ARunThatFailsWhereTheRecordedOneDidNotIsCaught()
    {
        var divergence = Replay(new BusyFabric().Record(), new BusyFabric { Fails = true }).Divergence;

        Assert.NotNull(divergence);
    }

    [Fact]
    public void AnotherFabricIsCaughtBeforeItRuns()
    {
        var journal = new BusyFabric().Record();

        Assert.Contains("in actor", Replay(journal, new BusyFabric("two-level")).Divergence?.Where);
        Assert.Contains("in the seed", Replay(journal, new BusyFabric { Seed = 2 }).Divergence?.Where);
    }

    [Fact]
    public void UntilATimeOnlyWhatIsBeforeItIsCompared()
    {
        var journal = new BusyFabric().Record();
        var changed = new BusyFabric { Thinks = SimTime.FromNanoseconds(101) };
        var at = Replay(journal, changed).Divergence!.At;

        var before = Replay(journal, changed, new ReplayOptions { Until = at });
        var after = Replay(journal, changed, new ReplayOptions { Until = at + new SimTime(1) });

        Assert.Null(before.Divergence);
        Assert.InRange(before.ComparedUntil.Picoseconds, 1, at.Picoseconds - 1);
        Assert.NotNull(after.Divergence);
    }

    [Theory]
    [InlineData("host0")]
    [InlineData("host0/rp0")]
    [InlineData("host0/rp0/leaf/up")]
    [InlineData("host0/rp0/leaf/dp1")]
    [InlineData("host0/rp0/leaf/dp1/card")]
    [InlineData("host0/rp0/leaf/dp1/card/fn0")]
    public void AnActorAloneSendsWhatItSent(string path)
    {
        var journal = new BusyFabric().Record();

        var result = Replay(journal, new BusyFabric(), new ReplayOptions { Actor = path });

        Assert.Null(result.Divergence);
        Assert.Equal(SentBy(journal, path), result.Messages);
        Assert.True(result.Messages > 0);
    }

    [Fact]
    public void OfActorsAloneOnlyTheOneThatChangedDiverges()
    {
        var journal = new BusyFabric().Record();
        var changed = new BusyFabric { Thinks = SimTime.FromNanoseconds(101) };

        Assert.NotNull(Replay(journal, changed, new ReplayOptions { Actor = "host0/rp0/leaf/dp1/card/fn0" }).Divergence);
        Assert.Null(Replay(journal, changed, new ReplayOptions { Actor = "host0/rp0/leaf/dp1/card" }).Divergence);
        Assert.Null(Replay(journal, changed, new ReplayOptions { Actor = "host0" }).Divergence);
    }

    [Fact]
    public void AnActorThatIsNotThereIsSaid()
    {
        var wrong = Assert.Throws<InputException>(() => Replay(new BusyFabric().Record(), new BusyFabric(), new ReplayOptions { Actor = "host0/rp7" }));
        Assert.Contains("no actor 'host0/rp7' (did you mean 'host0/rp", wrong.Line);
    }

    [Fact]
    public void AnActorAloneNeedsMessages()
    {
        var wrong = Assert.Throws<InputException>(() => Replay(new BusyFabric().Record(DigestsAlone), new BusyFabric(), new ReplayOptions { Actor = "host0" }));
        Assert.Contains("--journal-level messages", wrong.Line);
    }

    [Fact]
    public void ACutJournalIsReplayedUpToItsEndIfThatIsWanted()
    {
        var journal = new BusyFabric().Record();
        var cut = journal[..^50];

        Assert.Contains("ends early", Assert.Throws<InputException>(() => Replay(cut, new BusyFabric())).Line);
        var result = Replay(cut, new BusyFabric(), new ReplayOptions { AllowTruncated = true });
        Assert.Null(result.Divergence);
        using var reader = new JournalReader(new MemoryStream(cut), "test");
        Assert.Equal(reader.Messages().Count(), result.Messages);
        Assert.True(result.Messages > 1000);
    }

    [Fact]
    public void BlocksThatEndElsewhereAreNoDivergence()
    {
        using var run = new BusyFabric().Build();
        using var stream = new MemoryStream();
        using var recorder = JournalRecorder.Create(stream, run.Fabric.Engine);
        run.Fabric.Engine.Run(SimTime.FromMicroseconds(20));
        recorder.Flush();
        run.Execute();
        var totals = recorder.Finish();

        var result = Replay(stream.ToArray(), new BusyFabric());

        Assert.Null(result.Divergence);
        Assert.Equal(totals.Messages, result.Messages);
    }

    [Fact]
    public void EachFlippedByteOfAMessageIsNamedAsDamageAndNotAsADivergence()
    {
        var random = TestSeed.Random(output);
        var bytes = new BusyFabric().Record();
        using var whole = new JournalReader(new MemoryStream(bytes), "whole");
        var blocks = whole.Blocks.Where(b => b.Header.Kind == BlockKind.Messages).ToArray();
        for (var i = 0; i < 20; i++)
        {
            var block = blocks[random.Next(blocks.Length)];
            byte[] damaged = [.. bytes];
            // Header and body: what is read ahead on another thread must be told as damage here, and not as what it looks like.
            damaged[random.NextInt64(block.Offset, block.End)] ^= (byte)(1 << random.Next(8));

            var line = Assert.Throws<InputException>(() => Replay(damaged, new BusyFabric())).Line;

            Assert.Contains("damaged", line);
            Assert.Contains($"block {block.Header.Index} ", line);
        }
    }

    [Fact]
    public void WhatIsNotComparedIsNotRead()
    {
        var journal = new BusyFabric().Record();
        using (var whole = new JournalReader(new MemoryStream(journal), "test.pfj"))
        {
            var last = whole.Blocks.Last(b => b.Header.Kind == BlockKind.Digests);
            journal[last.End - 1] ^= 1;
        }

        Assert.Null(Replay(journal, new BusyFabric(), new ReplayOptions { Until = SimTime.FromMicroseconds(20) }).Divergence);
    }

    [Fact]
    public void DigestsOfAWindowFindWhatStillDiffersWhenItComes()
    {
        var options = DigestsAlone with { DigestWindow = SimTime.FromNanoseconds(100) };
        var fabric = new BusyFabric();

        Assert.Null(Replay(fabric.Record(options), fabric).Divergence);
        Assert.NotNull(Replay(fabric.Record(options), fabric with { Thinks = SimTime.FromNanoseconds(101) }).Divergence);
        Assert.True(fabric.Record(options).Length < fabric.Record(DigestsAlone).Length);
    }

    [Fact]
    public void OneLineInATestThrowsBothSidesDecoded()
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, new BusyFabric().Record());
            JournalReplay.ExpectNoDivergence(path, new ReplayOptions { Rebuild = _ => new BusyFabric().Build() });
            var diverged = Assert.Throws<ReplayDivergedException>(() => JournalReplay.ExpectNoDivergence(path, new ReplayOptions { Rebuild = _ => new BusyFabric { Thinks = SimTime.Zero + new SimTime(7) }.Build() }));
            Assert.Contains("recorded: ", diverged.Message);
            Assert.Contains("replayed: ", diverged.Message);
        }
        finally
        {
            File.Delete(path);
        }
    }

    internal static ReplayResult Replay(byte[] journal, BusyFabric fabric, ReplayOptions? options = null)
    {
        using var reader = new JournalReader(new MemoryStream(journal), "test.pfj");
        return JournalReplay.Run(reader, (options ?? new ReplayOptions()) with { Rebuild = _ => fabric.Build() });
    }

    private static int SentBy(byte[] journal, string path)
    {
        using var reader = new JournalReader(new MemoryStream(journal), "test.pfj");
        return reader.Messages().Count(m => reader.Actors[reader.Channels[m.ChannelId].Sender] == path);
    }

    private static (int Index, string Recorded, string Replayed) FirstDifference(byte[] recorded, byte[] replayed)
    {
        using var first = new JournalReader(new MemoryStream(recorded), "test.pfj");
        using var second = new JournalReader(new MemoryStream(replayed), "test.pfj");
        var index = 0;
        using var other = second.Messages().GetEnumerator();
        foreach (var message in first.Messages())
        {
            Assert.True(other.MoveNext());
            if (!message.Matches(other.Current)) return (index, new RecordedMessages(first).DescribeFully(in message), new RecordedMessages(second).DescribeFully(other.Current));
            index++;
        }
        throw new InvalidOperationException("both runs are the same");
    }
}
