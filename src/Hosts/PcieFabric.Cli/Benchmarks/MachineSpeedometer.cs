using System.Diagnostics;
using System.Runtime.CompilerServices;
using PcieFabric.Engine;

namespace PcieFabric.Cli.Benchmarks;

/// <summary>
/// Measures <see cref="MachineSpeeds"/>, in a quarter of a second: long enough to wait for a processor as often as what is measured does. Its queue is its own and not the engine's: a bound that grew slow together with what it bounds would hide that.
/// </summary>
internal sealed class MachineSpeedometer
{
    private const int QueueSlots = 128;
    private const int QueuedMessages = 64;
    private const int Passes = 50;
    private const int PassMessages = 1_000_000;
    private const int BlockBytes = 1 << 20;
    private const int Blocks = 64;
    private const int Copies = 16;

    private readonly Message[] _queue = new Message[QueueSlots];
    private readonly byte[] _from = new byte[BlockBytes];
    private readonly byte[] _to = new byte[Blocks * BlockBytes];

    public MachineSpeedometer()
    {
        // Pages are made when first written.
        Copy();
        Pass(PassMessages);
    }

    public MachineSpeeds Measure()
    {
        var (messages, bestMessages) = Rate(Passes, PassMessages, () => Pass(PassMessages));
        var (bytes, bestBytes) = Rate(Copies, (double)Blocks * BlockBytes, Copy);
        return new MachineSpeeds(new MachineSpeed(messages, bytes), new MachineSpeed(bestMessages, bestBytes));
    }

    private static (double Sustained, double Best) Rate(int times, double each, Action work)
    {
        var (all, least) = (TimeSpan.Zero, TimeSpan.MaxValue);
        for (var i = 0; i < times; i++)
        {
            var start = Stopwatch.GetTimestamp();
            work();
            var elapsed = Stopwatch.GetElapsedTime(start);
            all += elapsed;
            if (elapsed < least) least = elapsed;
        }
        return (times * each / all.TotalSeconds, each / least.TotalSeconds);
    }

    private void Copy()
    {
        for (var block = 0; block < Blocks; block++) _from.CopyTo(_to.AsSpan(block * BlockBytes));
    }

    /// <summary>Each message is written, waits behind others, and is read: a cache line in and a cache line out.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Pass(int messages)
    {
        Message message = default;
        for (var i = 0; i < messages; i++)
        {
            message.DeliveredAtPs = i;
            _queue[i & (QueueSlots - 1)] = message;
            message = _queue[(i - QueuedMessages) & (QueueSlots - 1)];
        }
    }
}
