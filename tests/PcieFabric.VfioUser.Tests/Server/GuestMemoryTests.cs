using PcieFabric.Memory;
using PcieFabric.VfioUser.Devices;
using PcieFabric.VfioUser.Interop;
using PcieFabric.VfioUser.Protocol;
using Xunit.Abstractions;

namespace PcieFabric.VfioUser.Tests.Server;

public class GuestMemoryTests(ITestOutputHelper output)
{
    private const ulong At = 0x4000_0000;
    private const int Size = 0x10000;

    [Fact]
    public void SharedMemoryIsReadAndWrittenInPlace()
    {
        using var served = new Served();
        using var memory = new SharedMemory("guest", Size);
        using var file = new Descriptor(memory.FileDescriptor, owned: false);
        using var client = served.Attach();
        var guest = memory.Allocate(Size);
        guest.Write(0x1234, [1, 2, 3]);
        Assert.Equal(Errno.None, client.Map(At, Size, file));

        var read = new byte[3];
        Assert.Equal(GuestAccess.Done, served.Function.Client!.Memory.Read(At + 0x1234, read));
        Assert.Equal([1, 2, 3], read);
        Assert.Equal(GuestAccess.Done, served.Function.Client.Memory.Write(At + Size - 2, [8, 9]));
        Assert.Equal([8, 9], guest.Span(Size - 2, 2).ToArray());
        using var found = served.Function.Client.Memory.Find(At + 0x1234, 3, forWriting: true);
        Assert.True(found.IsFound);
        Assert.Equal([1, 2, 3], found.Bytes.ToArray());
    }

    [Fact]
    public void ACopyRunsOverSeveralMapsAndStopsAtAHole()
    {
        using var served = new Served();
        using var memory = new SharedMemory("guest", Size);
        using var file = new Descriptor(memory.FileDescriptor, owned: false);
        using var client = served.Attach();
        var guest = memory.Allocate(Size);
        Assert.Equal(Errno.None, client.Map(At + 0x1000, 0x1000, file, fileOffset: 0));
        Assert.Equal(Errno.None, client.Map(At, 0x1000, file, fileOffset: 0x5000));
        var shared = served.Function.Client!.Memory;
        var data = Enumerable.Range(0, 0x2000).Select(i => (byte)(i * 7)).ToArray();
        var read = new byte[0x2000];

        Assert.Equal(GuestAccess.Done, shared.Write(At, data));
        Assert.Equal(GuestAccess.Done, shared.Read(At, read));
        Assert.Equal(data, read);
        Assert.Equal(data[..0x1000], guest.Span(0x5000, 0x1000).ToArray());
        Assert.Equal(data[0x1000..], guest.Span(0, 0x1000).ToArray());
        Assert.False(shared.Find(At + 0xfff, 2, forWriting: false).IsFound);
        Assert.Equal(GuestAccess.Fault, shared.Read(At + 1, read));
        Assert.Equal(GuestAccess.Fault, shared.Read(At - 1, read.AsSpan(0, 1)));
        Assert.Equal(GuestAccess.Fault, shared.Write(At + 0x1fff, [1, 2]));
    }

    [Fact]
    public void MemoryIsForWhatItsFlagsSay()
    {
        using var served = new Served();
        using var memory = new SharedMemory("guest", Size);
        using var file = new Descriptor(memory.FileDescriptor, owned: false);
        using var client = served.Attach();
        Assert.Equal(Errno.None, client.Map(At, 0x1000, file, flags: DmaMapFlags.Readable));
        Assert.Equal(Errno.None, client.Map(At + 0x1000, 0x1000, file, flags: DmaMapFlags.Writable));
        Assert.Equal(Errno.None, client.Map(At + 0x2000, 0x1000, null));
        var shared = served.Function.Client!.Memory;

        Assert.Equal((GuestAccess.Done, GuestAccess.Fault), (shared.Read(At, new byte[4]), shared.Write(At, new byte[4])));
        Assert.Equal((GuestAccess.Fault, GuestAccess.Done), (shared.Read(At + 0x1000, new byte[4]), shared.Write(At + 0x1000, new byte[4])));
        Assert.Equal((GuestAccess.NotShared, GuestAccess.NotShared), (shared.Read(At + 0x2000, new byte[4]), shared.Write(At + 0x2000, new byte[4])));
        Assert.False(shared.Find(At, 4, forWriting: true).IsFound);
        Assert.False(shared.Find(At + 0x2000, 4, forWriting: true).IsFound);
    }

    [Theory]
    [InlineData(0ul, 0ul, 0ul, 3u)]
    [InlineData(0x800ul, 0x1000ul, 0ul, 3u)]
    [InlineData(0ul, 0x1800ul, 0ul, 3u)]
    [InlineData(0ul, 0x1000ul, 0x10ul, 3u)]
    [InlineData(0xffff_ffff_ffff_f000ul, 0x2000ul, 0ul, 3u)]
    [InlineData(0ul, 0x1_1000ul, 0ul, 3u)]
    [InlineData(0ul, 0x1000ul, 0x1_0000ul, 3u)]
    [InlineData(0ul, 0x1000ul, 0xffff_ffff_ffff_f000ul, 3u)]
    [InlineData(0ul, 0x1000ul, 0ul, 0u)]
    [InlineData(0ul, 0x1000ul, 0ul, 0x13u)]
    public void WhatIsEmptyUnalignedWrappingBeyondItsFileOrOddlyFlaggedIsNotMapped(ulong address, ulong size, ulong offset, uint flags)
    {
        using var served = new Served();
        using var memory = new SharedMemory("guest", Size);
        using var file = new Descriptor(memory.FileDescriptor, owned: false);
        using var client = served.Attach();

        Assert.Equal(Errno.EINVAL, client.Map(address, size, file, offset, (DmaMapFlags)flags));
        Assert.Equal(GuestAccess.Fault, served.Function.Client!.Memory.Read(address, new byte[1]));
    }

    [Fact]
    public void TheLastPageOfAllCanBeMapped()
    {
        using var served = new Served();
        using var memory = new SharedMemory("guest", Size);
        using var file = new Descriptor(memory.FileDescriptor, owned: false);
        using var client = served.Attach();

        Assert.Equal(Errno.None, client.Map(ulong.MaxValue - 0xfff, 0x1000, file));
        Assert.Equal(GuestAccess.Done, served.Function.Client!.Memory.Write(ulong.MaxValue, [1]));
        Assert.Equal(GuestAccess.Fault, served.Function.Client.Memory.Write(ulong.MaxValue, [1, 2]));
    }

    [Theory]
    [InlineData(0x1000ul, 0x3000ul)]
    [InlineData(0x0ul, 0x2000ul)]
    [InlineData(0x3000ul, 0x2000ul)]
    [InlineData(0x2000ul, 0x1000ul)]
    [InlineData(0x0ul, 0x8000ul)]
    public void MapsDoNotOverlap(ulong address, ulong size)
    {
        using var served = new Served();
        using var client = served.Attach();
        Assert.Equal(Errno.None, client.Map(0x1000, 0x3000, null));

        Assert.Equal(Errno.EEXIST, client.Map(address, size, null));
        Assert.Equal(Errno.None, client.Map(0x4000, 0x1000, null));
        Assert.Equal(Errno.None, client.Map(0, 0x1000, null));
    }

    [Fact]
    public void AMapGoesWholeByItselfOrWithOthers()
    {
        using var served = new Served();
        using var client = served.Attach();
        Assert.Equal(Errno.None, client.Map(0x1000, 0x3000, null));
        Assert.Equal(Errno.None, client.Map(0x8000, 0x1000, null));
        Assert.Equal(Errno.None, client.Map(0xA000, 0x1000, null));
        Assert.Equal(Errno.None, client.Map(0xF000, 0x1000, null));

        foreach (var (address, size) in ((ulong, ulong)[])[(0x2000, 0x1000), (0x1000, 0x1000), (0x2000, 0x2000), (0, 0x2000), (0x3000, 0x6000), (0x1000, 0), (0x1000, ulong.MaxValue)])
            Assert.Equal(Errno.EINVAL, client.Unmap(address, size));
        Assert.Equal(Errno.EINVAL, client.Unmap(0x1000, 0x3000, flags: 1));
        Assert.Equal(Errno.EINVAL, client.Unmap(0x1000, 0x3000, DmaUnmapPayload.All));
        AssertMapped(0x1000, 0x8000, 0xA000, 0xF000);
        Assert.Equal(Errno.None, client.Unmap(0x1000, 0x3000));
        Assert.Equal(Errno.None, client.Unmap(0x1000, 0x3000));
        AssertMapped(0x8000, 0xA000, 0xF000);
        Assert.Equal(Errno.None, client.Unmap(0x0, 0xF000));
        AssertMapped(0xF000);
        Assert.Equal(Errno.None, client.Unmap(0, 0, DmaUnmapPayload.All));
        AssertMapped();

        void AssertMapped(params ulong[] expected) =>
            Assert.Equal(expected, ((ulong[])[0x1000, 0x8000, 0xA000, 0xF000]).Where(address => served.Function.Client!.Memory.Read(address, new byte[1]) == GuestAccess.NotShared));
    }

    [Fact]
    public void NoMoreMapsThanWereAgreedOn()
    {
        using var served = new Served();
        using var client = VfioUser.Client.VfioUserClient.Connect(served.Path);
        Assert.Equal(Errno.None, client.Negotiate(Capabilities.Ours with { MaxDmaMaps = 2 }));

        Assert.Equal(Errno.None, client.Map(0, 0x1000, null));
        Assert.Equal(Errno.None, client.Map(0x1000, 0x1000, null));
        Assert.Equal(Errno.ENOSPC, client.Map(0x2000, 0x1000, null));
        Assert.Equal(Errno.None, client.Unmap(0, 0x1000));
        Assert.Equal(Errno.None, client.Map(0x2000, 0x1000, null));
    }

    [Fact]
    public void OnlyAFileIsMemoryAndOnlyOne()
    {
        using var served = new Served();
        using var client = served.Attach();
        using var counter = EventCounter.Create();
        using var memory = new SharedMemory("guest", Size);
        using var file = new Descriptor(memory.FileDescriptor, owned: false);
        var asked = Messages.Bytes(new DmaMapPayload(32, DmaMapFlags.Readable, 0, 0, 0x1000));

        Assert.Equal(Errno.EINVAL, client.Map(0, 0x1000, counter.Descriptor));
        Assert.Equal(Errno.EINVAL, client.Request(Command.DmaMap, asked, out _, file, file));
        Assert.Equal(Errno.EINVAL, client.Request(Command.DmaMap, asked.AsSpan(0, 31), out _, file));
        Assert.Equal(Errno.EINVAL, client.Request(Command.DmaMap, [.. asked, 0], out _, file));
        Assert.Equal(Errno.EINVAL, client.Request(Command.DmaMap, Messages.Bytes(new DmaMapPayload(31, DmaMapFlags.Readable, 0, 0, 0x1000)), out _, file));
        Assert.Equal(Errno.EINVAL, client.Request(Command.DmaUnmap, Messages.Bytes(new DmaUnmapPayload(23, 0, 0, 0x1000)), out _));
        Assert.Equal(Errno.EINVAL, client.Request(Command.DeviceReset, [], out _, file));
    }

    [Fact]
    public void AFileThatIsCutShorterUnderUsIsAFaultAndNotTheEnd()
    {
        using var served = new Served();
        using var client = served.Attach();
        var path = Path.GetTempFileName();
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.ReadWrite);
            stream.SetLength(Size);
            using var file = new Descriptor((int)stream.SafeFileHandle.DangerousGetHandle(), owned: false);
            Assert.Equal(Errno.None, client.Map(At, Size, file));
            var shared = served.Function.Client!.Memory;
            var read = new byte[4];

            Assert.Equal(GuestAccess.Done, shared.Write(At + 0x8000, [1, 2, 3, 4]));
            Assert.Equal(GuestAccess.Done, shared.Read(At + 0x8000, read));
            Assert.Equal([1, 2, 3, 4], read);
            stream.SetLength(0x1000);
            Assert.Equal(GuestAccess.Fault, shared.Read(At + 0x8000, read));
            Assert.Equal(GuestAccess.Fault, shared.Write(At + 0x8000, read));
            Assert.Equal(0x1000, new FileInfo(path).Length);
            Assert.Equal(Errno.None, client.Read(RegionIndex.Bar0, 0, read));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void SharedMemoryCannotBeCutShorterOnceItIsMapped()
    {
        using var served = new Served();
        using var client = served.Attach();
        using var memory = new SharedMemory("guest", Size);
        using var file = new Descriptor(memory.FileDescriptor, owned: false);
        Assert.Equal(Errno.None, client.Map(At, Size, file));
        using var stream = new FileStream($"/proc/self/fd/{memory.FileDescriptor}", FileMode.Open, FileAccess.ReadWrite);

        Assert.ThrowsAny<Exception>(() => stream.SetLength(0x1000));
        Assert.Equal(GuestAccess.Done, served.Function.Client!.Memory.Read(At + Size - 4, new byte[4]));
    }

    [Fact]
    public void AnUnmapWaitsForTheCopiesUnderWay()
    {
        using var served = new Served();
        using var client = served.Attach();
        using var memory = new SharedMemory("guest", Size);
        using var file = new Descriptor(memory.FileDescriptor, owned: false);
        Assert.Equal(Errno.None, client.Map(At, Size, file));
        var isUnmapped = false;
        Thread unmapping;
        using (var found = served.Function.Client!.Memory.Find(At, Size, forWriting: true))
        {
            unmapping = new Thread(() => isUnmapped = client.Unmap(At, Size) == Errno.None);
            unmapping.Start();
            Assert.False(unmapping.Join(50));
            found.Bytes.Fill(1);
            Assert.False(Volatile.Read(ref isUnmapped));
        }
        unmapping.Join();
        Assert.True(isUnmapped);
        Assert.Equal(GuestAccess.Fault, served.Function.Client.Memory.Read(At, new byte[1]));
    }

    [Fact]
    public void CopiesAndUnmapsAtOnceNeverReachWhatIsGone()
    {
        using var served = new Served();
        using var client = served.Attach();
        using var memory = new SharedMemory("guest", Size);
        using var file = new Descriptor(memory.FileDescriptor, owned: false);
        var shared = served.Function.Client!.Memory;
        var isOver = false;
        var done = 0;
        var copying = new Thread(() =>
        {
            var data = new byte[Size];
            while (!Volatile.Read(ref isOver))
                if (shared.Write(At, data) == GuestAccess.Done)
                    Interlocked.Increment(ref done);
        });
        copying.Start();
        for (var i = 0; i < 300 || (Volatile.Read(ref done) == 0 && i < 100_000); i++)
        {
            Assert.Equal(Errno.None, client.Map(At, Size, file));
            Assert.Equal(Errno.None, client.Unmap(At, Size));
        }
        Volatile.Write(ref isOver, true);
        copying.Join();
        Assert.True(done > 0);
    }

    [Fact]
    public void RandomMapsAnswerAsAListOfThemDoes()
    {
        const int Pages = 64;
        var random = TestSeed.Random(output);
        using var served = new Served();
        using var client = served.Attach();
        var shared = served.Function.Client!.Memory;
        var maps = new List<(int From, int Count)>();
        for (var step = 0; step < 2000; step++)
        {
            var (from, count) = (random.Next(Pages), 1 + random.Next(6));
            if (random.Next(2) == 0)
            {
                var overlaps = maps.Any(map => from < map.From + map.Count && map.From < from + count);
                Assert.Equal(overlaps ? Errno.EEXIST : Errno.None, client.Map((ulong)from * 4096, (ulong)count * 4096, null));
                if (!overlaps) maps.Add((from, count));
            }
            else
            {
                bool IsTouched((int From, int Count) map) => from < map.From + map.Count && map.From < from + count;
                bool IsCut((int From, int Count) map) => IsTouched(map) && (map.From < from || map.From + map.Count > from + count);
                var isRefused = maps.Any(IsCut);
                Assert.Equal(isRefused ? Errno.EINVAL : Errno.None, client.Unmap((ulong)from * 4096, (ulong)count * 4096));
                if (!isRefused) maps.RemoveAll(IsTouched);
            }
            var page = random.Next(Pages);
            var isMapped = maps.Any(map => page >= map.From && page < map.From + map.Count);
            Assert.Equal(isMapped ? GuestAccess.NotShared : GuestAccess.Fault, shared.Read((ulong)page * 4096 + 17, new byte[1]));
        }
    }
}
