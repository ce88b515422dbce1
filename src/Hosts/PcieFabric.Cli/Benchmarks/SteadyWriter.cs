using PcieFabric.EndpointFunctions;
using PcieFabric.Units;

namespace PcieFabric.Cli.Benchmarks;

/// <summary>A function that writes 64 bytes to host memory at a steady pace, slow enough that a link with 256 of them is never full.</summary>
internal sealed class SteadyWriter : EndpointFunction
{
    /// <summary>Registers: how many writes, and when the first; writing the latter starts.</summary>
    public const ulong Writes = 0, StartMicroseconds = 4;

    public static readonly SimTime Pause = SimTime.FromMicroseconds(20);

    private const ulong Target = 1 << 20;

    private uint _writes;

    protected override bool SleepsUntilReached => true;

    protected override void WriteRegister(int bar, ulong offset, uint value, int byteEnables)
    {
        if (offset == Writes) _writes = value;
        else if (offset == StartMicroseconds) Start(() => WriteAsync(_writes, SimTime.FromMicroseconds(value)));
    }

    private async Task WriteAsync(uint writes, SimTime start)
    {
        var data = new byte[64];
        // Spread over the pause, so that there is always something to do.
        await DelayAsync(start - Now + new SimTime(Random.Next((int)Pause.Picoseconds)));
        for (var i = 0u; i < writes; i++)
        {
            await DmaWriteAsync(Target, data);
            await DelayAsync(Pause);
        }
    }
}
