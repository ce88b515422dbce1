using System.Diagnostics;
using PcieFabric.Documents;
using PcieFabric.EndpointFunctions.EpfTests;
using PcieFabric.Memory;
using PcieFabric.VfioUser.Client;
using PcieFabric.VfioUser.Devices;
using PcieFabric.VfioUser.Interop;
using PcieFabric.VfioUser.Live;
using PcieFabric.VfioUser.Server;

namespace PcieFabric.Cli.Benchmarks;

/// <summary>
/// What a guest's monitor waits for a register of a fabric's function, and how much of that is the protocol's; how fast a function moves blocks of 1 MiB to and from a guest's memory, through the
/// fabric; and the server's own part of that, a copy. All over 64 MiB of the guest's, more than a cache has. The client sleeps for each reply and interrupt, as QEMU does.
/// </summary>
/// <param name="poll">Whether the server looks for the next message before it sleeps.</param>
internal sealed class VfioUserBenchmark(bool poll) : IBenchmark
{
    private const int WarmUpAccesses = 3_000;
    private const int Accesses = 20_000;
    private const int BlockBytes = GuestTransfers.BlockBytes;
    private const int Blocks = 64;
    private const int Passes = 16;

    /// <summary>Longer than a client takes to ask again, too short to be called busy.</summary>
    private static readonly TimeSpan PollTime = TimeSpan.FromMicroseconds(200);

    public string Name => "vfio-user";

    public string Description => "4-byte register accesses over a socket, and DMA of 1 MiB";

    public IReadOnlyList<Figure> Run(CancellationToken cancellation)
    {
        var directory = Directory.CreateTempSubdirectory("pciefabric-bench-");
        try
        {
            var suffix = poll ? ", server polls" : "";
            var (read, write) = RegisterOfAFabric(Path.Combine(directory.FullName, "register.sock"), cancellation);

            var path = Path.Combine(directory.FullName, "function.sock");
            var function = new StoringFunction();
            using var server = new VfioUserServer(path, function, new VfioUserOptions { Poll = poll ? PollTime : TimeSpan.Zero });
            using var client = VfioUserClient.Connect(path);
            Expect(client.Negotiate() == Errno.None);
            var (bareRead, bareWrite) = Medians(client, 0, cancellation);
            using var memory = new SharedMemory("guest", Blocks * BlockBytes);
            using var file = new Descriptor(memory.FileDescriptor, owned: false);
            Expect(client.Map(0, (ulong)memory.SizeBytes, file) == Errno.None);

            var guest = function.Client!.Memory;
            // As memory behind a BAR is: pages of their own.
            using var ours = new SharedMemory("function", (Blocks + 1) * BlockBytes);
            var (bar, other) = (ours.Allocate(BlockBytes), ours.Allocate(Blocks * BlockBytes));
            using var transfers = new GuestTransfers(Path.Combine(directory.FullName, "transfers.sock"), memory, cancellation);
            var (copy, toGuest, fromGuest, through, back, single, singleBack) = (new Rate(), new Rate(), new Rate(), new Rate(), new Rate(), new Rate(), new Rate());
            // In turns, so that what else the machine does meets all of them. The first pass makes the pages and the code.
            for (var pass = 0; pass < Passes; pass++)
            {
                cancellation.ThrowIfCancellationRequested();
                copy.Measure(block => bar.Span(0, BlockBytes).CopyTo(other.Span(block * BlockBytes, BlockBytes)));
                toGuest.Measure(block => Expect(guest.Write((ulong)block * BlockBytes, bar.Span(0, BlockBytes)) == GuestAccess.Done));
                fromGuest.Measure(block => Expect(guest.Read((ulong)block * BlockBytes, bar.Span(0, BlockBytes)) == GuestAccess.Done));
                through.MeasureAll(() => transfers.Move(0, Blocks, toGuest: true));
                back.MeasureAll(() => transfers.Move(0, Blocks, toGuest: false));
                single.Measure(block => transfers.Move(block, 1, toGuest: true));
                singleBack.Measure(block => transfers.Move(block, 1, toGuest: false));
            }
            return
            [
                new Figure("register read" + suffix, read, "µs", MoreIsBetter: false, Undisturbed: true),
                new Figure("register write" + suffix, write, "µs", MoreIsBetter: false, Undisturbed: true),
                new Figure("the protocol's part of a read" + suffix, bareRead, "µs", MoreIsBetter: false, Undisturbed: true),
                new Figure("the protocol's part of a write" + suffix, bareWrite, "µs", MoreIsBetter: false, Undisturbed: true),
                new Figure("memcpy", copy.Best / 1e9, "GB/s"),
                new Figure("the server's copy to the guest", toGuest.Best / 1e9, "GB/s", MoreIsBetter: true, Undisturbed: true),
                new Figure("the server's copy from the guest", fromGuest.Best / 1e9, "GB/s", MoreIsBetter: true, Undisturbed: true),
                new Figure("DMA to the guest, 64 x 1 MiB a doorbell", through.Best / 1e9, "GB/s", MoreIsBetter: true, Undisturbed: true),
                new Figure("DMA from the guest, 64 x 1 MiB a doorbell", back.Best / 1e9, "GB/s", MoreIsBetter: true, Undisturbed: true),
                new Figure("the slower of them, of memcpy", 100 * Math.Min(through.Best, back.Best) / copy.Best, "%", MoreIsBetter: true),
                new Figure("DMA to the guest, 1 MiB a doorbell", single.Best / 1e9, "GB/s", MoreIsBetter: true, Undisturbed: true),
                new Figure("DMA from the guest, 1 MiB a doorbell", singleBack.Best / 1e9, "GB/s", MoreIsBetter: true, Undisturbed: true),
            ];
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    /// <summary>A register of the endpoint test function behind its controller and a root port, each access a TLP there and one back.</summary>
    private (double Read, double Write) RegisterOfAFabric(string path, CancellationToken cancellation)
    {
        var topology = DiskFiles.Instance.Read(Path.Combine(AppContext.BaseDirectory, "topologies/epf-test.yaml"));
        using var live = LiveFabric.Start(topology, new LiveOptions(), cancellation);
        var (host, function) = live.Functions.Single();
        using var server = new VfioUserServer(path, new FunctionDevice(live, host, function), new VfioUserOptions { Poll = poll ? PollTime : TimeSpan.Zero });
        using var client = VfioUserClient.Connect(path);
        Expect(client.Negotiate() == Errno.None);
        Expect(client.Write(RegionIndex.Config, 0x10, BitConverter.GetBytes(0xC000_0000)) == Errno.None);
        Expect(client.Write(RegionIndex.Config, 0x04, [6, 0]) == Errno.None);
        return Medians(client, EpfTestRegisters.Size, cancellation);
    }

    private static (double Read, double Write) Medians(VfioUserClient client, ulong register, CancellationToken cancellation) =>
        (MedianUs(data => client.Read(RegionIndex.Bar0, register, data), cancellation), MedianUs(data => client.Write(RegionIndex.Bar0, register, data), cancellation));

    private static double MedianUs(Func<byte[], Errno> access, CancellationToken cancellation)
    {
        var register = new byte[sizeof(uint)];
        var times = new double[Accesses];
        for (var i = -WarmUpAccesses; i < Accesses; i++)
        {
            if (i % 1000 == 0) cancellation.ThrowIfCancellationRequested();
            var start = Stopwatch.GetTimestamp();
            Expect(access(register) == Errno.None);
            if (i >= 0) times[i] = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
        }
        Array.Sort(times);
        return times[Accesses / 2];
    }

    /// <summary>The best of several passes over all blocks, in bytes a second.</summary>
    private sealed class Rate
    {
        public double Best { get; private set; }

        public void Measure(Action<int> block) => MeasureAll(() =>
        {
            for (var i = 0; i < Blocks; i++) block(i);
        });

        public void MeasureAll(Action blocks)
        {
            var start = Stopwatch.GetTimestamp();
            blocks();
            Best = Math.Max(Best, (double)Blocks * BlockBytes / Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
    }

    private static void Expect(bool isSo)
    {
        if (!isSo) throw new InvalidOperationException("Invariant: the function that only stores refuses nothing");
    }

    /// <summary>One BAR of registers that keep what is written.</summary>
    private sealed class StoringFunction : IVfioUserDevice
    {
        private readonly byte[] _registers = new byte[4096];

        public IVfioUserClient? Client { get; private set; }

        public DeviceDescription Description { get; } = new(Limits.ConfigSpaceBytes) { [RegionIndex.Bar0] = new RegionDescription(4096) };

        public void Attached(IVfioUserClient client) => Client = client;

        public void Detached(IVfioUserClient client) => Client = null;

        public Errno Read(RegionIndex region, ulong offset, Span<byte> into)
        {
            _registers.AsSpan((int)offset, into.Length).CopyTo(into);
            return Errno.None;
        }

        public Errno Write(RegionIndex region, ulong offset, ReadOnlySpan<byte> data)
        {
            data.CopyTo(_registers.AsSpan((int)offset));
            return Errno.None;
        }

        public Errno Reset()
        {
            Array.Clear(_registers);
            return Errno.None;
        }

        public void InterruptsChanged(InterruptIndex index, InterruptChange change, int start, int count)
        {
        }
    }
}
