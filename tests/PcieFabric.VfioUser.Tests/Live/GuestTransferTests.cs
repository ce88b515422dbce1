using System.Diagnostics;
using PcieFabric.Documents;
using PcieFabric.EndpointFunctions;
using PcieFabric.Memory;
using PcieFabric.Recording;
using PcieFabric.VfioUser.Client;
using PcieFabric.VfioUser.Devices;
using PcieFabric.VfioUser.Interop;
using PcieFabric.VfioUser.Live;
using PcieFabric.VfioUser.Server;
using Xunit.Abstractions;

namespace PcieFabric.VfioUser.Tests.Live;

/// <summary>Long transfers between a function and the memory of a client that shares it, over a socket.</summary>
public sealed class GuestTransferTests(ITestOutputHelper output) : IDisposable
{
    private const int BlockBytes = 1 << 20, Blocks = 8, MemoryBytes = Blocks * BlockBytes;
    private const ulong At = 0x10_0000;

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("pciefabric-");
    private readonly Mover _mover = new();

    public void Dispose() => _directory.Delete(recursive: true);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void LongTransfersGoAsTrainsAndBringEveryByte(bool toGuest)
    {
        using var live = Start();
        using var server = Serve(live);
        using var memory = new SharedMemory("guest", MemoryBytes);
        var bytes = memory.Allocate(MemoryBytes).Span(0, MemoryBytes);
        TestSeed.Random(output).NextBytes(toGuest ? _mover.Block : bytes);
        using var client = Attach(memory);

        Begin(client, toGuest, Blocks);
        WaitFor(() => _mover.Ended == 1, "the end of the transfers");
        // A posted write has ended when it is sent; the completion of a read comes behind it.
        Assert.Equal(Errno.None, client.Read(RegionIndex.Bar0, 0, new byte[4]));

        if (toGuest)
        {
            for (var block = 0; block < Blocks; block++) Assert.True(bytes.Slice(block * BlockBytes, BlockBytes).SequenceEqual(_mover.Block));
        }
        Assert.True(toGuest || bytes[^BlockBytes..].SequenceEqual(_mover.Block));
        Assert.Equal((Blocks, 0), (_mover.Done, _mover.Failed));
        var counters = live.Inspect(fabric => fabric.Gateways[0].Counters);
        Assert.Equal((MemoryBytes, 0), (toGuest ? counters.BytesWritten : counters.BytesRead, counters.Faults));
        Assert.True(live.Inspect(fabric => fabric.Fabric.Engine.Trains) > 0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void MemoryThatIsUnmappedInMidTransferIsNotTouchedAnyMore(bool toGuest)
    {
        using var live = Start();
        using var server = Serve(live);
        using var memory = new SharedMemory("guest", MemoryBytes);
        var bytes = memory.Allocate(MemoryBytes).Span(0, MemoryBytes);
        _mover.Block.AsSpan().Fill(0x5A);
        using var client = Attach(memory);

        Begin(client, toGuest, int.MaxValue);
        WaitFor(() => _mover.Done > 2, "some transfers");
        Assert.Equal(Errno.None, client.Unmap(At, MemoryBytes));
        bytes.Fill(0xEE);
        WaitFor(() => live.Inspect(fabric => fabric.Gateways[0].Counters.Faults) > 0, "a fault");

        Assert.Equal(-1, bytes.IndexOfAnyExcept((byte)0xEE));
        using var file = new Descriptor(memory.FileDescriptor, owned: false);
        Assert.Equal(Errno.None, client.Map(At, MemoryBytes, file));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void AClientThatDiesInMidTransferLeavesNothingBehind(bool toGuest)
    {
        using var live = Start();
        using var server = Serve(live);
        for (var time = 0; time < 5; time++)
        {
            using var memory = new SharedMemory("guest", MemoryBytes);
            var client = Attach(memory);
            var before = _mover.Done;
            Begin(client, toGuest, int.MaxValue);
            WaitFor(() => _mover.Done > before + time, "some transfers");
            client.Dispose();
        }

        using var last = new SharedMemory("guest", MemoryBytes);
        using var again = Attach(last);
        Begin(again, toGuest, Blocks);
        WaitFor(() => _mover.Ended == 6, "the end of the transfers, and of what the dead had begun");
        Assert.Equal(0, server.Completion.IsFaulted ? 1 : 0);
        Assert.Equal(0, live.Inspect(fabric => fabric.Gateways[0].ReadsUnderWay));
    }

    [Fact]
    public void ARecordedSessionHasNoTrainsAndItsJournalHasAllThatDmaRead()
    {
        var journal = Path.Combine(_directory.FullName, "session.pfj");
        using (var live = Start(journal))
        {
            using (var server = Serve(live))
            {
                using var memory = new SharedMemory("guest", MemoryBytes);
                using var client = Attach(memory);
                Begin(client, toGuest: false, 2);
                WaitFor(() => _mover.Ended == 1, "the end of the transfers");
                Assert.Equal(0, live.Inspect(fabric => fabric.Fabric.Engine.Trains));
            }
            live.Stop();
        }

        using var recorded = JournalReplay.Open(journal);
        Assert.Equal(2 * BlockBytes, recorded.Inputs().Where(input => input.Kind == (ushort)Engine.MessageKind.MemoryRead).Sum(input => input.Body.Length));
    }

    private LiveFabric Start(string? journal = null) => LiveFabric.Start(new SourceText("transfers.yaml", """
        name: transfers
        defaults:
          link: { generation: 5, width: 16 }
        functions:
          mover: { model: mover, vendor: 0x1d0f, device: 0x0003, class: 0x088000, bars: [{ index: 0, size: 4 KiB, type: memory32 }] }
        endpoints:
          card: { functions: [mover] }
        hosts:
          host0: { memory: 64 MiB, ports: [{ attach: card }] }
        """), new LiveOptions { Journal = journal, Models = { ["mover"] = _ => _mover } });

    private string Socket => Path.Combine(_directory.FullName, "mover.sock");

    private VfioUserServer Serve(LiveFabric live)
    {
        var (host, function) = live.Functions.Single();
        return new VfioUserServer(Socket, new FunctionDevice(live, host, function));
    }

    private VfioUserClient Attach(SharedMemory memory)
    {
        var client = VfioUserClient.Connect(Socket);
        using var file = new Descriptor(memory.FileDescriptor, owned: false);
        Assert.Equal(Errno.None, client.Negotiate());
        Assert.Equal(Errno.None, client.Map(At, MemoryBytes, file));
        Assert.Equal(Errno.None, client.Write(RegionIndex.Config, 0x10, BitConverter.GetBytes(0xC000_0000)));
        Assert.Equal(Errno.None, client.Write(RegionIndex.Config, 0x04, [6, 0]));
        return client;
    }

    private void Begin(VfioUserClient client, bool toGuest, int blocks)
    {
        (_mover.ToGuest, _mover.Blocks) = (toGuest, blocks);
        Assert.Equal(Errno.None, client.Write(RegionIndex.Bar0, 0, new byte[4]));
    }

    private static void WaitFor(Func<bool> isTrue, string what)
    {
        var started = Stopwatch.StartNew();
        while (!isTrue())
        {
            Assert.True(started.Elapsed < TimeSpan.FromMinutes(1), $"{what} does not come true");
            Thread.Sleep(1);
        }
    }

    /// <summary>Moves its block to or from the guest's blocks in turn, until it is kept from the bus or told anew.</summary>
    private sealed class Mover : EndpointFunction
    {
        public byte[] Block { get; } = new byte[BlockBytes];

        public volatile bool ToGuest;
        public volatile int Blocks, Done, Failed, Ended;

        private int _last;

        protected override void WriteRegister(int bar, ulong offset, uint value, int byteEnables) => Start(() => MoveAsync(ToGuest, Blocks));

        private async Task MoveAsync(bool toGuest, int blocks)
        {
            var mine = ++_last;
            for (var block = 0; block < blocks && IsBusMaster && mine == _last; block++)
            {
                var address = At + (ulong)(block % GuestTransferTests.Blocks * BlockBytes);
                var result = toGuest ? await DmaWriteAsync(address, Block) : await DmaReadAsync(address, Block);
                if (result.IsSuccess) Done++;
                else Failed++;
            }
            Ended++;
        }
    }
}
