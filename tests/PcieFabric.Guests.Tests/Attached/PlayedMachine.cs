using PcieFabric.EndpointFunctions.EpfTests;
using PcieFabric.Memory;
using PcieFabric.VfioUser.Client;
using PcieFabric.VfioUser.Devices;
using PcieFabric.VfioUser.Interop;

namespace PcieFabric.Guests.Tests.Attached;

/// <summary>What QEMU and a driver do with a test function, without either: a client with 16 MiB of memory, which leaves without a word.</summary>
internal sealed class PlayedMachine : IDisposable
{
    private const int CommandOffset = 0x04, BarOffset = 0x10;
    private const uint BarAddress = 0xC000_0000, MemoryAndBusMaster = 6;
    private const int TransferBytes = 1 << 20;
    private const ulong Source = 0x10_0000, Target = 0x80_0000;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly VfioUserClient _client;
    private readonly SharedMemory _memory = new("machine", 16 << 20);
    private readonly Descriptor _file;
    private readonly MemoryRegion _bytes;

    public PlayedMachine(string socket)
    {
        _client = VfioUserClient.Connect(socket);
        Expect(_client.Negotiate());
        _bytes = _memory.Allocate(_memory.SizeBytes);
        _file = new Descriptor(_memory.FileDescriptor, owned: false);
        Expect(_client.Map(0, (ulong)_memory.SizeBytes, _file));
    }

    /// <summary>The function is as after a reset: it decodes nothing, initiates nothing, and has no addresses.</summary>
    public void ExpectReset()
    {
        Assert.Equal(0u, Read(RegionIndex.Config, CommandOffset) & MemoryAndBusMaster);
        Assert.Equal(0u, Read(RegionIndex.Config, BarOffset) & ~15u);
    }

    /// <summary>Has the function copy 1 MiB within our memory.</summary>
    public void BeginCopy(Random random)
    {
        random.NextBytes(_bytes.Span((long)Source, TransferBytes));
        Write(RegionIndex.Config, BarOffset, BarAddress);
        Write(RegionIndex.Config, CommandOffset, MemoryAndBusMaster);
        (int Register, uint Value)[] writes =
        [
            (EpfTestRegisters.Status, 0), (EpfTestRegisters.SourceLow, (uint)Source), (EpfTestRegisters.SourceHigh, 0), (EpfTestRegisters.TargetLow, (uint)Target),
            (EpfTestRegisters.TargetHigh, 0), (EpfTestRegisters.Size, TransferBytes), (EpfTestRegisters.IrqType, 1), (EpfTestRegisters.IrqNumber, 1), (EpfTestRegisters.Flags, 0),
            (EpfTestRegisters.Command, (uint)EpfTestCommand.Copy),
        ];
        foreach (var (register, value) in writes) Write(RegionIndex.Bar0, register, value);
    }

    public void ExpectCopied()
    {
        var late = DateTime.UtcNow + Limit;
        while (Read(RegionIndex.Bar0, EpfTestRegisters.Status) == 0)
        {
            Assert.True(DateTime.UtcNow < late, "the copy does not end");
            Thread.Sleep(1);
        }
        Assert.True(((EpfTestStatus)Read(RegionIndex.Bar0, EpfTestRegisters.Status)).HasFlag(EpfTestStatus.CopySuccess));
        Assert.True(_bytes.Span((long)Source, TransferBytes).SequenceEqual(_bytes.Span((long)Target, TransferBytes)));
    }

    /// <summary>Leaves, whatever is under way.</summary>
    public void Dispose()
    {
        _client.Dispose();
        _file.Dispose();
        _memory.Dispose();
    }

    private uint Read(RegionIndex region, int offset)
    {
        Span<byte> data = stackalloc byte[4];
        Expect(_client.Read(region, (ulong)offset, data));
        return BitConverter.ToUInt32(data);
    }

    private void Write(RegionIndex region, int offset, uint value) => Expect(_client.Write(region, (ulong)offset, BitConverter.GetBytes(value)));

    private static void Expect(Errno error) => Assert.Equal(Errno.None, error);
}
