using System.Diagnostics;
using System.Runtime.CompilerServices;
using PcieFabric.Engine;

namespace PcieFabric.Cli.Benchmarks;

/// <summary>
/// Measures <see cref="MachineSpeed"/>, in a quarter of a second: long enough to wait for a processor as often as what is measured does. Its queue is its own and not the engine's: a bound that grew slow together with what it bounds would hide that.
/// </summary>
internal sealed class MachineSpeedometer
{
    private const int QueueSlots = 128;
    private const int QueuedMessages = 64;
    private const int Messages = 50_000_000;
    private const int BlockBytes = 1 << 20;
    private const int Blocks = 64;
    private const int Passes = 16;

    private readonly Message[] _queue = new Message[QueueSlots];
    private readonly byte[] _from = new byte[BlockBytes];
    private readonly byte[] _to = new byte[Blocks * BlockBytes];

    public MachineSpeedometer()
    {
        // Pages are made when first written.
        Copy();
        Pass(Messages / 50);
    }

    public MachineSpeed Measure()
    {
        var start = Stopwatch.GetTimestamp();
        Pass(Messages);
        var messages = Messages / Stopwatch.GetElapsedTime(start).TotalSeconds;
        start = Stopwatch.GetTimestamp();
        for (var pass = 0; pass < Passes; pass++) Copy();
        return new MachineSpeed(messages, (double)Passes * Blocks * BlockBytes / Stopwatch.GetElapsedTime(start).TotalSeconds);
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
