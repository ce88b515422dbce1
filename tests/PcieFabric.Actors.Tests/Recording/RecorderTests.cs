using PcieFabric.Engine;
using PcieFabric.Input;
using PcieFabric.Journals;
using PcieFabric.Memory;
using PcieFabric.Recording;
using PcieFabric.Tlps;
using PcieFabric.Units;
using Xunit.Abstractions;

namespace PcieFabric.Actors.Tests.Recording;

public sealed class RecorderTests(ITestOutputHelper output) : IDisposable
{
    private static readonly RecorderOptions OfEverything = new() { DigestWindow = RecorderOptions.DefaultDigestInterval };

    private readonly string _folder = Directory.CreateTempSubdirectory("journal").FullName;

    [Theory]
    [InlineData("one-switch", JournalLevel.Messages, 700)]
    [InlineData("one-switch", JournalLevel.Inputs, 130)]
    [InlineData("one-switch", JournalLevel.Inputs, 700)]
    [InlineData("two-level", JournalLevel.Messages, 700)]
    [InlineData("two-level", JournalLevel.Inputs, 130)]
    [InlineData("two-level", JournalLevel.Inputs, 700)]
    public void TheFileIsTheSameByteForByteWhateverThePartitionsAndThreads(string topology, JournalLevel level, long window)
    {
        // Intervals so short that many end inside of turns, and others between them.
        var options = new RecorderOptions { Level = level, DigestInterval = SimTime.FromNanoseconds(700), DigestWindow = SimTime.FromNanoseconds(window) };
        var alone = new BusyFabric(topology).Record(options);

        Assert.All([(2, 1), (2, 2), (4, 1), (4, 2)], split =>
            Assert.True(alone.AsSpan().SequenceEqual(new BusyFabric(topology) { Partitions = split.Item1, Threads = split.Item2 }.Record(options)), $"{split} differs"));
    }

    [Fact]
    public void EveryMessageIsThereAsItsReceiverGotIt()
    {
        using var run = new BusyFabric().Build();
        var seen = new List<(long, int, Message, byte[])>();
        run.Fabric.Engine.Observe(_ => new Witness(seen));
        var stream = new MemoryStream();
        var recorder = JournalRecorder.Create(stream, run.Fabric.Engine);
        run.Execute();
        var totals = recorder.Finish();

        using var journal = new JournalReader(stream, "test");
        using var pool = new PayloadDepot();
        var payloads = new PayloadPool(pool);
        var at = 0;
        foreach (var recorded in journal.Messages())
        {
            var (timePs, channel, message, payload) = seen[at++];
            var decoded = RecordedMessages.Decode(in recorded, payloads);
            Assert.Equal((timePs, channel, message.Kind, message.Detail), (recorded.DeliveredAtPs, recorded.ChannelId, decoded.Kind, decoded.Detail));
            if (RecordedMessages.IsTlp(in recorded))
            {
                Assert.Equal(payload, decoded.Tlp.Payload.ToArray());
                Assert.Equal(Header(in message.Tlp), Header(in decoded.Tlp));
                decoded.Tlp.Release(payloads);
            }
            else
            {
                Assert.Equal(message.Read<Body>(), decoded.Read<Body>());
            }
        }
        Assert.Equal(seen.Count, at);
        Assert.Equal(seen.Count, totals.Messages);
        Assert.Equal(seen[^1].Item1, totals.LastPs);
        output.WriteLine($"{at} messages in {stream.Length} bytes");
    }

    [Fact]
    public void TheTotalsEndWithTheDigestThatTestsCompare()
    {
        using var run = new BusyFabric().Build();
        var digest = FabricDigest.Of(run.Fabric.Engine);
        var recorder = JournalRecorder.Create(new MemoryStream(), run.Fabric.Engine, OfEverything);
        run.Execute();

        Assert.Equal(digest.Value, recorder.Finish().Digest);
    }

    [Fact]
    public void AnotherSeedIsAnotherDigest() => Assert.NotEqual(TotalsOf(new BusyFabric().Record(OfEverything)).Digest, TotalsOf(new BusyFabric { Seed = 2 }.Record(OfEverything)).Digest);

    [Fact]
    public void RecordingAllocatesNothingForEachMessage()
    {
        using var engine = new DeterministicEngine();
        var (ping, pong) = (new Player(), new Player());
        engine.Spawn(new Props(new ActorPath("ping"), ping));
        engine.Spawn(new Props(new ActorPath("pong"), pong));
        (ping.Other, pong.Other) = (engine.Connect(ping, pong, 1, new SimTime(100)), engine.Connect(pong, ping, 1, new SimTime(100)));
        using var recorder = JournalRecorder.Create(Stream.Null, engine, new RecorderOptions { DigestInterval = new SimTime(100_000) });
        // Until both of the blocks that take turns have their memory.
        engine.Run(SimTime.FromMicroseconds(10));

        var delivered = engine.Delivered;
        Assert.Equal(0, Allocation.Of(() => engine.Run(engine.Now + SimTime.FromMicroseconds(5))));
        Assert.True(engine.Delivered - delivered >= 90_000);
    }

    [Fact]
    public void TheFileHasItsNameOnlyWhenItIsWhole()
    {
        var path = Path.Combine(_folder, "run.pfj");
        using var run = new BusyFabric().Build();
        using var recorder = JournalRecorder.Create(path, run.Fabric.Engine);
        run.Execute();

        Assert.Equal(["run.pfj.partial"], Names());
        recorder.Finish();
        Assert.Equal(["run.pfj"], Names());
    }

    [Fact]
    public void ARunThatFailsLeavesWhatItDidUpToThere()
    {
        var path = Path.Combine(_folder, "run.pfj");
        using (var run = new BusyFabric { Fails = true }.Build())
        {
            using var recorder = JournalRecorder.Create(path, run.Fabric.Engine);
            Assert.Throws<ActorFailedException>(run.Execute);
        }

        Assert.Equal(["run.pfj.partial"], Names());
        using var journal = JournalReplay.Open(path + ".partial");
        Assert.True(journal.IsTruncated);
        Assert.True(journal.Messages().Count() > 1000);
        Assert.Contains("ends early", journal.TruncationNotice);
    }

    [Fact]
    public void AFullDiskIsSaidAndLeavesNothingUnderTheName()
    {
        var path = Path.Combine(_folder, "run.pfj");
        File.CreateSymbolicLink(path + ".partial", "/dev/full");
        using var run = new BusyFabric().Build();

        var failure = Assert.Throws<IOException>(() =>
        {
            using var recorder = JournalRecorder.Create(path, run.Fabric.Engine);
            run.Execute();
            recorder.Finish();
        });

        Assert.Contains("No space left on device", failure.Message);
        Assert.False(File.Exists(path));
    }

    [Fact]
    public void AJournalThatCannotBeMadeIsSaidBeforeTheRun()
    {
        using var run = new BusyFabric().Build();

        Assert.Contains("directory does not exist", Assert.Throws<InputException>(() => JournalRecorder.Create(Path.Combine(_folder, "absent", "a.pfj"), run.Fabric.Engine)).Line);
        Assert.Contains("is a directory", Assert.Throws<InputException>(() => JournalRecorder.Create(_folder, run.Fabric.Engine)).Line);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private IEnumerable<string?> Names() => Directory.EnumerateFiles(_folder).Select(Path.GetFileName);

    private static JournalTotals TotalsOf(byte[] journal)
    {
        using var reader = new JournalReader(new MemoryStream(journal), "test");
        return reader.Totals!;
    }

    private static byte[] Header(in Tlp tlp)
    {
        var header = new byte[TlpCodec.MaxHeaderBytes];
        TlpCodec.EncodeHeader(in tlp, header);
        return header;
    }

    [System.Runtime.CompilerServices.InlineArray(Message.BodyBytes)]
    private struct Body : IEquatable<Body>
    {
        private byte _first;

        public readonly bool Equals(Body other) => ((ReadOnlySpan<byte>)this).SequenceEqual(other);

        public override readonly bool Equals(object? other) => other is Body body && Equals(body);

        public override readonly int GetHashCode() => _first;
    }

    private sealed class Player : Actor
    {
        private readonly byte[] _data = new byte[64];

        public ActorRef? Other { get; set; }

        protected override void Started() => Context.Schedule(1, default);

        public override void Receive(ref readonly Message message)
        {
            if (message.Kind == MessageKind.Tlp) message.Tlp.Release(Context.Payloads);
            else if (Context.Path.Value == "pong") return;
            Other!.Tell(Message.Of(Tlp.MemoryWrite(default, 0x1000, _data, Context.Payloads)), Context.NowPs + 100);
        }
    }

    private sealed class Witness(List<(long, int, Message, byte[])> seen) : IMessageObserver
    {
        public void Delivered(ref readonly Message message, int channelId, int receiver) =>
            seen.Add((message.DeliveredAtPs, channelId, message, message.Kind is MessageKind.Tlp or MessageKind.OwnTlp ? message.Tlp.Payload.ToArray() : []));
    }
}
