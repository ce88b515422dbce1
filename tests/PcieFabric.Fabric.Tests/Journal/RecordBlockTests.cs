using PcieFabric.Addressing;
using PcieFabric.Journals;
using PcieFabric.Memory;
using PcieFabric.Tlps;
using Xunit.Abstractions;

namespace PcieFabric.Fabric.Tests.Journal;

public class RecordBlockTests(ITestOutputHelper output)
{
    private const int Channels = 300;

    private readonly PayloadPool _pool = new();

    [Fact]
    public void ATlpIsWrittenOnceAndReadAtEveryHop()
    {
        var run = new Run();
        var tlp = Write(0x1000, 256, 1);
        for (var hop = 0; hop < 4; hop++) run.Add(new MessageHead(hop * 1_000, hop, 1, 77), in tlp);

        Assert.InRange(run.Block.Body.Length, 256, 256 + 50);
        run.ExpectAll();
    }

    [Fact]
    public void ALaterHopOfATrainOfTlpsTakesAFewBytes()
    {
        var run = new Run();
        Tlp[] tlps = [.. Enumerable.Range(0, 100).Select(i => Write((ulong)i << 8, 128, i))];
        foreach (var tlp in tlps) run.Add(new MessageHead(0, 0, 7, 0), in tlp);
        var first = run.Block.Body.Length;
        for (var i = 0; i < tlps.Length; i++) run.Add(new MessageHead(1_000 + 5_000 * i, 1, 1, 77), in tlps[i]);

        Assert.InRange(run.Block.Body.Length - first, 0, 5 * tlps.Length + 10);
        run.ExpectAll();
    }

    [Fact]
    public void ATlpThatIsFarBehindInAnotherBlockIsNotWrittenAgain()
    {
        var run = new Run();
        Tlp[] tlps = [.. Enumerable.Range(0, JournalFormat.PayloadsInReach).Select(i => Write((ulong)i << 8, 128, i))];
        foreach (var tlp in tlps) run.Add(new MessageHead(0, 0, 7, 0), in tlp);
        var next = Write(0, 128, 9);
        run.NextBlock();
        run.Add(new MessageHead(5, 1, 1, 77), in tlps[0]);
        Assert.InRange(run.Block.Body.Length, 0, 20);
        run.Add(new MessageHead(6, 0, 1, 77), in next);
        run.NextBlock();
        run.Add(new MessageHead(7, 1, 1, 77), in tlps[1]);
        Assert.InRange(run.Block.Body.Length, 0, 20);
        // One more payload has come between, so that this one is out of reach.
        run.Add(new MessageHead(8, 1, 1, 77), in tlps[0]);
        Assert.InRange(run.Block.Body.Length, 128, 180);

        run.ExpectAll();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ATlpThatGetsAnotherHeaderOnItsWayKeepsItsData(bool hasDigest)
    {
        var run = new Run();
        var tlp = Write(0x1000, 256, 1);
        run.Add(new MessageHead(1, 1, 1, 0), in tlp);
        var first = run.Block.Body.Length;
        tlp.Requester = new Bdf(0x200);
        tlp.HasDigest = hasDigest;
        tlp.SetPasid(5);
        run.Add(new MessageHead(2, 2, 1, 0), in tlp);

        Assert.InRange(run.Block.Body.Length - first, 20, 30);
        run.ExpectAll();
    }

    [Fact]
    public void ATlpThatSaysTheSameOfOtherDataIsAnotherOne()
    {
        var run = new Run();
        foreach (var tlp in new[] { Write(0x1000, 64, 1), Write(0x1000, 64, 2), Write(0x1000, 64, 1), Write(0x1000, 8, 1), Write(0x1000, 8, 3) })
            run.Add(new MessageHead(1, 0, 1, 0), in tlp);

        run.ExpectAll();
    }

    [Fact]
    public void APayloadIsAnotherOneWhenItsMemoryIsUsedAgain()
    {
        var run = new Run();
        for (var i = 0; i < 1_000; i++)
        {
            var tlp = Write(0x1000, 64, i % 7);
            run.Add(new MessageHead(i, 0, 1, 0), in tlp);
            run.Add(new MessageHead(i, 1, 1, 0), in tlp);
            tlp.Release(_pool);
        }

        run.ExpectAll();
    }

    [Fact]
    public void WhatIsAddedIsReadWhateverItIs()
    {
        var random = TestSeed.Random(output);
        for (var round = 0; round < 50; round++)
        {
            var run = new Run();
            Tlp[] tlps = [.. Enumerable.Range(0, 8).Select(_ => Write((ulong)random.Next(4) << random.Next(2, 40), 4 << random.Next(7), random.Next(3)))];
            for (var block = 0; block < 3; block++)
            {
                var atPs = random.NextInt64(long.MaxValue / 2);
                for (var i = 0; i < 200; i++)
                {
                    atPs += random.NextInt64(1L << random.Next(50));
                    var head = new MessageHead(atPs, random.Next(Channels), (ushort)random.Next(1 << random.Next(17)), (uint)random.NextInt64(1L << random.Next(33)));
                    if (random.Next(3) == 0)
                    {
                        var body = new byte[random.Next(100)];
                        random.NextBytes(body);
                        run.Add(in head, body);
                    }
                    else
                    {
                        ref var tlp = ref tlps[random.Next(tlps.Length)];
                        if (random.Next(8) == 0) tlp.Tag++;
                        run.Add(in head, in tlp);
                    }
                }
                run.NextBlock();
            }
            run.ExpectAll();
        }
    }

    [Fact]
    public void BytesThatAreNoRecordsAreNamedAndNeverReadBeyond()
    {
        var random = TestSeed.Random(output);
        for (var round = 0; round < 20_000; round++)
        {
            var bytes = new byte[random.Next(60)];
            random.NextBytes(bytes);
            try
            {
                var cursor = new RecordCursor(new RecordReader(Channels), bytes, 0, 3, new Earlier([[1, 2], [], [3]]));
                for (var i = 0; i < 40; i++) Assert.InRange(cursor.Next().Body.Length, 0, 2 * bytes.Length);
            }
            catch (InvalidDataException)
            {
            }
        }
    }

    /// <summary>What was added, block by block, beside what is read of it.</summary>
    private sealed class Run
    {
        private readonly List<JournalMessage> _added = [];
        private readonly List<JournalMessage> _read = [];
        private readonly List<byte[]> _earlier = [];
        private readonly PayloadNumbers _payloads = new();

        public RecordBlock Block { get; } = RecordBlock.OfMessages();

        public void Add(in MessageHead head, byte[] body)
        {
            Block.Add(in head, body);
            _added.Add(new JournalMessage(in head, body));
        }

        public void Add(in MessageHead head, in Tlp tlp)
        {
            Block.Add(in head, in tlp, _payloads.PlaceOf(tlp.PayloadIdentity));
            _added.Add(new JournalMessage(in head, Wire(in tlp)));
        }

        public void NextBlock()
        {
            Read();
            Block.Clear();
            Assert.Equal(_earlier.Count, Block.FirstPayload);
        }

        public void ExpectAll()
        {
            Read();
            Assert.Equal(_added.Count, _read.Count);
            Assert.All(_read.Zip(_added), pair => Assert.True(pair.First.Matches(pair.Second)));
        }

        private void Read()
        {
            var cursor = new RecordCursor(new RecordReader(Channels), Block.Body, Block.FirstPs, Block.FirstPayload, new Earlier(_earlier));
            var skipping = new RecordCursor(new RecordReader(Channels), Block.Body, Block.FirstPs, Block.FirstPayload, new Earlier([]));
            for (var i = 0; i < Block.Count; i++)
            {
                var message = cursor.Next();
                _read.Add(new JournalMessage(message.Head, message.Body.ToArray()));
                skipping.Skip();
            }
            Assert.Equal(cursor.Numbered.Select(b => b.ToArray()), skipping.Numbered.Select(b => b.ToArray()));
            _earlier.AddRange(cursor.Numbered.Select(b => b.ToArray()));
        }
    }

    private sealed class Earlier(IReadOnlyList<byte[]> bodies) : IPayloadSource
    {
        public ReadOnlyMemory<byte> BodyOf(long number) => bodies[(int)number];
    }

    private Tlp Write(ulong address, int bytes, int data) =>
        Tlp.MemoryWrite(new Bdf(0x100), address, Enumerable.Repeat((byte)data, bytes).ToArray(), _pool);

    private static byte[] Wire(in Tlp tlp)
    {
        var wire = new byte[TlpCodec.EncodedBytes(in tlp)];
        TlpCodec.Encode(in tlp, wire);
        return wire;
    }
}
