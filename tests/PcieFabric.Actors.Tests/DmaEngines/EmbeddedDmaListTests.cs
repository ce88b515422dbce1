using PcieFabric.DmaEngines;
using PcieFabric.Units;
using Xunit.Abstractions;

namespace PcieFabric.Actors.Tests.DmaEngines;

/// <summary>Linked lists: random ones against a model of memory, the kernel's way with the cycle bit, and those that never end.</summary>
public sealed class EmbeddedDmaListTests(ITestOutputHelper output)
{
    private const int ListsAt = 0x8_0000;

    /// <summary>Random pieces in random lists, cut by links at random, all channels at once; each has a part of both memories to itself.</summary>
    [Theory]
    [InlineData(1, 1)]
    [InlineData(8, 8)]
    public void RandomListsMoveWhatAModelMoves(int writeChannels, int readChannels)
    {
        const int room = 0x6000, listRoom = 0x4000;
        var random = TestSeed.Random(output);
        for (var round = 0; round < 10; round++)
        {
            using var rig = new DmaRig(writeChannels, readChannels, tagBits: (byte)(random.Next(3) switch { 0 => 5, 1 => 8, _ => 10 }));
            rig.Enable();
            random.NextBytes(rig.Bus.Memory);
            random.NextBytes(rig.Local.Span(0, ListsAt));
            var (bus, local) = (rig.Bus.Memory.ToArray(), rig.Local.Span(0, ListsAt).ToArray());
            for (var i = 0; i < writeChannels + readChannels; i++)
            {
                var (isWrite, channel) = i < writeChannels ? (true, i) : (false, i - writeChannels);
                var list = (ulong)(ListsAt + i * listRoom);
                rig.PutList(list, [.. Elements(i, isWrite)]);
                rig.StartList(isWrite ? EmbeddedDmaRegisters.Write : EmbeddedDmaRegisters.Read, channel, list);

                IEnumerable<LinkedListElement> Elements(int index, bool write)
                {
                    var at = list;
                    var count = random.Next(1, 30);
                    for (var piece = 0; piece < count; piece++)
                    {
                        var size = random.Next(4) == 0 ? random.Next(0, 9) : random.Next(1, 3000);
                        var (from, to) = (index * room + random.Next(room - size), index * room + random.Next(room - size));
                        if (write) local.AsSpan(from, size).CopyTo(bus.AsSpan(to));
                        else bus.AsSpan(from, size).CopyTo(local.AsSpan(to));
                        yield return write
                            ? LinkedListElement.Data((uint)size, (ulong)from, RigBus.Base + (ulong)to, cycle: true, piece == count - 1 ? EmbeddedDmaControl.LocalInterrupt : 0)
                            : LinkedListElement.Data((uint)size, RigBus.Base + (ulong)from, (ulong)to, cycle: true, piece == count - 1 ? EmbeddedDmaControl.LocalInterrupt : 0);
                        at += LinkedListElement.Bytes;
                        if (random.Next(5) != 0) continue;
                        // Over a hole of garbage; twice round the cycle bit makes no difference.
                        yield return LinkedListElement.Link(at + 2 * LinkedListElement.Bytes, cycle: random.Next(2) == 0, toggles: false);
                        yield return LinkedListElement.Read(garbage);
                        at += 2 * LinkedListElement.Bytes;
                    }
                    yield return LinkedListElement.Data(100, 0, 0, cycle: false);
                }
            }
            rig.RunUntilIdle();
            Assert.True(bus.AsSpan().SequenceEqual(rig.Bus.Memory));
            Assert.True(local.AsSpan().SequenceEqual(rig.Local.Span(0, ListsAt)));
            Assert.Equal((1u << writeChannels) - 1, rig.Read(EmbeddedDmaRegisters.Write.InterruptStatus));
            Assert.Equal((1u << readChannels) - 1, rig.Read(EmbeddedDmaRegisters.Read.InterruptStatus));
            Assert.Equal(writeChannels + readChannels, rig.Bus.Interrupts.Count);
            rig.AssertNothingLeaks();
        }
    }

    private static readonly byte[] garbage = [.. Enumerable.Repeat((byte)0xA5, LinkedListElement.Bytes)];

    /// <summary>As dw_edma_v0_core_write_chunk does: at its end the list links to its start and turns the cycle state over, so that the next chunk, written over it, has the other cycle bit.</summary>
    [Fact]
    public void ChunksFollowEachOtherByTheCycleBitAsTheKernelWritesThem()
    {
        using var rig = new DmaRig();
        rig.Enable();
        for (var chunk = 0; chunk < 6; chunk++)
        {
            var cycle = chunk % 2 == 0;
            var to = RigBus.Base + (ulong)chunk * 0x100;
            rig.Local.Span(0, 0x100).Fill((byte)(chunk + 1));
            rig.PutList(ListsAt,
                LinkedListElement.Data(0x80, 0, to, cycle),
                LinkedListElement.Data(0x80, 0x80, to + 0x80, cycle, EmbeddedDmaControl.LocalInterrupt | EmbeddedDmaControl.RemoteInterrupt),
                LinkedListElement.Link(ListsAt, !cycle, toggles: true));
            if (chunk == 0) rig.StartList(EmbeddedDmaRegisters.Write, 0, ListsAt);
            else rig.Write(EmbeddedDmaRegisters.Write.Doorbell, 0);
            rig.RunUntilIdle();
            Assert.Equal(EmbeddedDmaStatus.Stopped, rig.StatusOf(EmbeddedDmaRegisters.Write, 0));
            Assert.Equal(chunk + 1, rig.Bus.Interrupts.Count);
            Assert.Equal(chunk + 1, rig.Bus.Messages.Count);
        }
        for (var chunk = 0; chunk < 6; chunk++) Assert.Equal(-1, rig.Bus.Memory.AsSpan(chunk * 0x100, 0x100).IndexOfAnyExcept((byte)(chunk + 1)));
        rig.AssertNothingLeaks();
    }

    [Fact]
    public void AnElementInTheMiddleTellsOfItselfAndTheChannelGoesOn()
    {
        using var rig = new DmaRig();
        rig.Enable();
        rig.PutList(ListsAt, [.. Enumerable.Range(0, 10).Select(i => LinkedListElement.Data(64, 0, RigBus.Base, cycle: true, i % 3 == 0 ? EmbeddedDmaControl.LocalInterrupt : 0))]);
        rig.StartList(EmbeddedDmaRegisters.Write, 0, ListsAt);
        rig.RunUntilIdle();
        Assert.Equal(4, rig.Bus.Interrupts.Count);
        Assert.Equal(10, rig.Bus.Requests.Count);
        Assert.Equal(10, rig.Dma.Counters.Done);
    }

    /// <summary>What a driver adds while the channel runs, it takes without a pause; what it adds in the moment that the channel ends is not lost either.</summary>
    [Fact]
    public void ADoorbellThatRingsWhileTheChannelRunsIsNotLost()
    {
        for (var delayNs = 0; delayNs < 1500; delayNs += 50)
        {
            using var rig = new DmaRig();
            rig.Enable();
            rig.PutList(ListsAt, LinkedListElement.Data(256, 0, RigBus.Base, cycle: true));
            rig.StartList(EmbeddedDmaRegisters.Write, 0, ListsAt);
            rig.Run(SimTime.FromNanoseconds(delayNs));
            rig.PutList(ListsAt + LinkedListElement.Bytes, LinkedListElement.Data(256, 0, RigBus.Base + 256, cycle: true));
            rig.Write(EmbeddedDmaRegisters.Write.Doorbell, 0);
            rig.RunUntilIdle();
            Assert.Equal(2, rig.Dma.Counters.Done);
            rig.AssertNothingLeaks();
        }
    }

    /// <summary>A ring without end moves data for as long as it is let; a link to itself does not even do that. Time goes on, and stop ends both.</summary>
    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void AListThatNeverEndsGoesOnUntilItIsStopped(bool linksOnly, bool disable)
    {
        using var rig = new DmaRig();
        rig.Enable();
        if (linksOnly) rig.PutList(ListsAt, LinkedListElement.Link(ListsAt, cycle: true, toggles: true));
        else rig.PutList(ListsAt, LinkedListElement.Data(100, RigBus.Base, 0, cycle: true), LinkedListElement.Link(ListsAt, cycle: true, toggles: false));
        rig.StartList(EmbeddedDmaRegisters.Read, 0, ListsAt);
        rig.Run(SimTime.FromMilliseconds(5));
        Assert.Equal(EmbeddedDmaStatus.Running, rig.StatusOf(EmbeddedDmaRegisters.Read, 0));
        Assert.Equal(!linksOnly, rig.Dma.Counters.Done > 1000);
        if (disable) rig.Write(EmbeddedDmaRegisters.Read.EngineEnable, 0);
        else rig.Write(EmbeddedDmaRegisters.Read.Doorbell, EmbeddedDmaRegisters.DoorbellStop);
        rig.RunUntilIdle();
        Assert.Equal(EmbeddedDmaStatus.Stopped, rig.StatusOf(EmbeddedDmaRegisters.Read, 0));
        Assert.Equal(0x0001_0000u, rig.Read(EmbeddedDmaRegisters.Read.InterruptStatus));
        Assert.Equal((0u, 0u), (rig.Read(EmbeddedDmaRegisters.Read.ErrorStatus), rig.Read(EmbeddedDmaRegisters.Read.ErrorStatus + 4)));
        rig.AssertNothingLeaks();
    }
}
