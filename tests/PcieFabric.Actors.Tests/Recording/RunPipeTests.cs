using PcieFabric.Addressing;
using PcieFabric.Engine;
using PcieFabric.Journals;
using PcieFabric.Memory;
using PcieFabric.Recording;
using PcieFabric.Tlps;

namespace PcieFabric.Actors.Tests.Recording;

public class RunPipeTests
{
    [Fact]
    public void EverythingArrivesInOrderHoweverLongItIs()
    {
        var scribe = new Scribe();
        var pool = new PayloadPool();
        var digests = Enumerable.Range(0, 100_000).Select(i => new ActorDigest(i, (ulong)i)).ToArray();
        using (var pipe = new RunPipe(scribe))
        {
            for (var i = 0; i < 20_000; i++)
            {
                var tlp = Tlp.MemoryWrite(new Bdf(1), 0x1000, Enumerable.Repeat((byte)i, sizeof(uint) * (5 + i % 1020)).ToArray(), pool);
                var message = Message.Of(in tlp) with { DeliveredAtPs = i };
                pipe.Message(in message, 7);
                tlp.Release(pool);
                if (i == 10_000) pipe.Digests(1, 2, digests);
                if (i == 15_000) pipe.Input(new MessageHead(3, 4, 5, 6), new byte[300]);
            }
            pipe.Drain();
        }

        var expected = Enumerable.Range(0, 20_000).Select(i => $"{i} {(byte)i}").ToList();
        expected.Insert(15_001, "input 300");
        expected.Insert(10_001, "digests 100000");
        Assert.Equal(expected, scribe.Seen);
    }

    [Fact]
    public void AScribeThatFailsIsHeardOfWhenTheTurnEndsAndGetsNoMore()
    {
        var scribe = new Scribe { FailsAt = 10 };
        using var pipe = new RunPipe(scribe);
        var message = Message.Of(MessageKind.HotReset, 0L);
        for (var i = 0; i < 100_000; i++) pipe.Message(in message, 0);

        Assert.Equal("full", Assert.Throws<IOException>(pipe.Drain).Message);
        Assert.Equal("full", Assert.Throws<IOException>(pipe.TurnEnded).Message);
        Assert.Equal(10, scribe.Seen.Count);
    }

    [Fact]
    public void APipeThatIsGivenUpEndsItsThread()
    {
        var scribe = new Scribe();
        var pipe = new RunPipe(scribe);
        var message = Message.Of(MessageKind.HotReset, 0L);
        pipe.Message(in message, 0);
        pipe.Dispose();
        pipe.Dispose();

        Assert.Empty(scribe.Seen);
    }

    private sealed class Scribe : IRunScribe
    {
        public List<string> Seen { get; } = [];

        public int FailsAt { get; init; } = int.MaxValue;

        public void Message(ref readonly Message message, int channelId, PayloadPlace payload)
        {
            if (Seen.Count == FailsAt) throw new IOException("full");
            Seen.Add(payload == PayloadPlace.New ? $"{message.DeliveredAtPs} {message.Tlp.Payload[^1]}" : "no payload");
        }

        public void Digests(long fromPs, long toPs, ReadOnlySpan<ActorDigest> digests) => Seen.Add($"digests {digests[^1].Value + 1}");

        public void Input(in MessageHead head, ReadOnlySpan<byte> body) => Seen.Add($"input {body.Length}");
    }
}
