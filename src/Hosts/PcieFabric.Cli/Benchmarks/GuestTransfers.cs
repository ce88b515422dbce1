using System.Diagnostics;
using System.Runtime.InteropServices;
using PcieFabric.ConfigSpaces.Capabilities;
using PcieFabric.Documents;
using PcieFabric.EndpointFunctions;
using PcieFabric.Memory;
using PcieFabric.VfioUser.Client;
using PcieFabric.VfioUser.Devices;
using PcieFabric.VfioUser.Interop;
using PcieFabric.VfioUser.Live;
using PcieFabric.VfioUser.Server;

namespace PcieFabric.Cli.Benchmarks;

/// <summary>
/// A function of a live fabric that moves blocks between its own memory and a guest's, from the doorbell until the interrupt has reached the client. The link, generation 6 with sixteen lanes, is
/// faster than the machine copies, so that virtual time falls behind the wall's and what is measured is the machine.
/// </summary>
internal sealed class GuestTransfers : IDisposable
{
    public const int BlockBytes = 1 << 20;

    private const ulong Doorbell = 0;

    /// <summary>Of whoever does not interrupt us at all.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly LiveFabric _live;
    private readonly VfioUserServer _server;
    private readonly VfioUserClient _client;
    private readonly EventCounter _interrupt = EventCounter.Create();
    private readonly Mover _mover;

    /// <param name="guest">Shared with the function from address zero on.</param>
    public GuestTransfers(string path, SharedMemory guest, CancellationToken cancellation)
    {
        _mover = new Mover((int)(guest.SizeBytes / BlockBytes));
        _live = LiveFabric.Start(Topology, new LiveOptions { Models = { ["mover"] = _ => _mover } }, cancellation);
        var (host, function) = _live.Functions.Single();
        _server = new VfioUserServer(path, new FunctionDevice(_live, host, function));
        _client = VfioUserClient.Connect(path);
        using var file = new Descriptor(guest.FileDescriptor, owned: false);
        Expect(_client.Negotiate());
        Expect(_client.Map(0, (ulong)guest.SizeBytes, file));
        Expect(_client.Write(RegionIndex.Config, 0x10, BitConverter.GetBytes(0xC000_0000)));
        Expect(_client.Write(RegionIndex.Config, 0x04, [6, 0]));
        // Reads of 4 KiB, as a driver may ask for them by pcie_set_readrq.
        var deviceControl = (ulong)function.Found.FindCapability(CapabilityId.PciExpress)!.Value + 8;
        Span<byte> control = stackalloc byte[2];
        Expect(_client.Read(RegionIndex.Config, deviceControl, control));
        control[1] = (byte)(control[1] & 0x8F | 5 << 4);
        Expect(_client.Write(RegionIndex.Config, deviceControl, control));
        Expect(_client.Listen(InterruptIndex.Msi, 0, 1, _interrupt));
    }

    private static SourceText Topology { get; } = new("transfers.yaml", """
        name: transfers
        defaults:
          link: { generation: 6, width: 16, latency: 50 ns, mps: 4 KiB }
        functions:
          mover: { model: mover, vendor: 0x1d0f, device: 0x0003, class: 0x088000, capabilities: { msi: { vectors: 1 } }, bars: [{ index: 0, size: 4 KiB, type: memory32 }] }
        endpoints:
          card: { functions: [mover] }
        hosts:
          host0: { memory: 64 MiB, ports: [{ attach: card }] }
        """);

    /// <summary>Has the function move blocks, and waits for its interrupt.</summary>
    public void Move(int firstBlock, int blocks, bool toGuest)
    {
        Expect(_client.Write(RegionIndex.Bar0, Doorbell, BitConverter.GetBytes((uint)(firstBlock << 17 | blocks << 1 | (toGuest ? 1 : 0))), noReply: true));
        if (!_interrupt.Wait(Patience)) throw new InvalidOperationException("Invariant: a function interrupts when it is done");
        _interrupt.Take();
        if (_mover.Failures > 0) throw new InvalidOperationException("Invariant: a guest's memory that is mapped can be read and written");
    }

    public void Dispose()
    {
        _client.Dispose();
        _server.Dispose();
        _live.Dispose();
        _interrupt.Dispose();
    }

    private static void Expect(Errno error)
    {
        if (error != Errno.None) throw new InvalidOperationException($"Invariant: a server refuses none of this: {error}");
    }

    /// <summary>Its register is a doorbell: the direction, blocks to move, and the first of them. Its memory is one block.</summary>
    private sealed class Mover(int slots) : EndpointFunction
    {
        /// <summary>Enough to fill the link.</summary>
        private const int ReadsUnderWay = 32;

        private readonly byte[] _block = GC.AllocateArray<byte>(BlockBytes, pinned: true);

        public int Failures { get; private set; }

        protected override void WriteRegister(int bar, ulong offset, uint value, int byteEnables) => Start(() => MoveAsync((int)(value >> 17), (int)(value >> 1 & 0xFFFF), (value & 1) != 0));

        private async Task MoveAsync(int firstBlock, int blocks, bool toGuest)
        {
            LimitOutstanding(ReadsUnderWay);
            for (var block = firstBlock; block < firstBlock + blocks; block++)
            {
                var address = (ulong)(block % slots) * BlockBytes;
                var result = toGuest ? await DmaWriteAsync(address, _block) : await DmaReadAsync(address, _block);
                if (!result.IsSuccess) Failures++;
            }
            RaiseInterrupt(0);
        }
    }
}
