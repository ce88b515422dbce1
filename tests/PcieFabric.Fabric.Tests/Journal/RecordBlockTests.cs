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
        var block = RecordBlock.OfMessages();
        var tlp = Write(0x1000, 256, 1);
        for (var hop = 0; hop < 4; hop++) block.Add(new MessageHead(hop * 1_000, hop, 1, 77), in tlp);

        Assert.InRange(block.Body.Length, 256, 256 + 60);
        var read = block.Read(Channels).ToList();
        Assert.Equal([0, 1_000, 2_000, 3_000], read.Select(m => m.DeliveredAtPs));
        Assert.All(read, m => Assert.Equal(Wire(in tlp), m.Body.ToArray()));
    }

    [Fact]
    public void ATlpThatSaysTheSameOfOtherDataIsAnotherOne()
    {
        var block = RecordBlock.OfMessages();
        Tlp[] tlps = [Write(0x1000, 64, 1), Write(0x1000, 64, 2), Write(0x1000, 64, 1), Write(0x1000, 8, 1), Write(0x1000, 8, 3)];
        foreach (var tlp in tlps) block.Add(new MessageHead(1, 0, 1, 0), in tlp);

        Assert.Equal(tlps.Select(t => Wire(in t)), block.Read(Channels).Select(m => m.Body.ToArray()));
    }

    [Fact]
    public void WhatIsAddedIsReadWhateverItIs()
    {
        var random = TestSeed.Random(output);
        for (var round = 0; round < 50; round++)
        {
            var block = RecordBlock.OfMessages();
            Tlp[] tlps = [.. Enumerable.Range(0, 8).Select(_ => Write((ulong)random.Next(4) << random.Next(2, 40), 4 << random.Next(7), random.Next(3)))];
            for (var again = 0; again < 2; again++)
            {
                var added = new List<JournalMessage>();
                var atPs = random.NextInt64(long.MaxValue / 2);
                for (var i = 0; i < 200; i++)
                {
                    atPs += random.NextInt64(1L << random.Next(50));
                    var head = new MessageHead(atPs, random.Next(Channels), (ushort)random.Next(1 << random.Next(17)), (uint)random.NextInt64(1L << random.Next(33)));
                    if (random.Next(3) == 0)
                    {
                        var body = new byte[random.Next(100)];
                        random.NextBytes(body);
                        block.Add(in head, body);
                        added.Add(new JournalMessage(in head, body));
                    }
                    else
                    {
                        var tlp = tlps[random.Next(tlps.Length)];
                        block.Add(in head, in tlp);
                        added.Add(new JournalMessage(in head, Wire(in tlp)));
                    }
                }
                Assert.Equal((added.Count, added[0].DeliveredAtPs, added[^1].DeliveredAtPs), (block.Count, block.FirstPs, block.LastPs));
                Assert.All(block.Read(Channels).Zip(added), pair => Assert.True(pair.First.Matches(pair.Second)));
                block.Clear();
            }
        }
    }

    [Fact]
    public void BytesThatAreNoRecordsAreNamedAndNeverReadBeyond()
    {
        var random = TestSeed.Random(output);
        for (var round = 0; round < 5_000; round++)
        {
            var bytes = new byte[random.Next(40)];
            random.NextBytes(bytes);
            try
            {
                var cursor = new RecordCursor(bytes, 0, Channels);
                for (var i = 0; i < 40; i++) Assert.InRange(cursor.Next().Body.Length, 0, bytes.Length);
            }
            catch (InvalidDataException)
            {
            }
        }
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
