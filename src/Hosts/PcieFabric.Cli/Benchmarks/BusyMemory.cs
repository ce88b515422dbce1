using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace PcieFabric.Cli.Benchmarks;

/// <summary>
/// The bound for a fabric with all functions busy: a loop that changes as many bytes of as many lines of memory as their writes do, function by function in an order that no processor
/// knows, with as much fetched ahead, and does nothing else.
/// </summary>
internal static unsafe class BusyMemory
{
    /// <summary>An alarm, and a TLP at endpoint, root port and root complex. Credits come in batches, which hardly count.</summary>
    private const int MessagesOfWrite = 4;

    /// <summary>What lies together, of a function and its software, and what lies elsewhere: the alarm's message, the code that waits for it, tables by channel and by function.</summary>
    private const int LinesTogether = 31, LinesElsewhere = 8, Places = LinesElsewhere + 1;

    private const int LineBytes = 64;

    /// <summary>Functions ahead.</summary>
    private const int Ahead = 4;

    private const int Rounds = 8;

    /// <returns>Nanoseconds a message.</returns>
    public static double Measure(int functions)
    {
        // Where each function's lines are, in the order of the alarms.
        var random = new Random(functions);
        var order = new int[Places][];
        for (var place = 0; place < Places; place++) random.Shuffle(order[place] = [.. Enumerable.Range(0, functions)]);
        var together = new byte[functions * LinesTogether * LineBytes];
        var elsewhere = new byte[LinesElsewhere][];
        for (var place = 0; place < LinesElsewhere; place++) elsewhere[place] = new byte[functions * LineBytes];
        Round();
        var watch = Stopwatch.StartNew();
        for (var round = 0; round < Rounds; round++) Round();
        return watch.Elapsed.TotalNanoseconds / Rounds / functions / MessagesOfWrite;

        void Round()
        {
            for (var i = 0; i < functions; i++)
            {
                var next = i + Ahead < functions ? i + Ahead : i;
                for (var line = 0; line < LinesTogether; line++) Fetch(ref together[(order[0][next] * LinesTogether + line) * LineBytes]);
                for (var place = 0; place < LinesElsewhere; place++) Fetch(ref elsewhere[place][order[place + 1][next] * LineBytes]);
                for (var line = 0; line < LinesTogether; line++) together[(order[0][i] * LinesTogether + line) * LineBytes]++;
                for (var place = 0; place < LinesElsewhere; place++) elsewhere[place][order[place + 1][i] * LineBytes]++;
            }
        }
    }

    private static void Fetch(ref byte line)
    {
        if (Sse.IsSupported) Sse.Prefetch0(Unsafe.AsPointer(ref line));
    }
}
