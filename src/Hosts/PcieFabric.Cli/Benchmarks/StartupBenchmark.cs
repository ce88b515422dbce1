using System.Diagnostics;
using System.Runtime.InteropServices;

namespace PcieFabric.Cli.Benchmarks;

/// <summary>How long a person waits for a command that has nothing to do, and what of that the processor works: this program, started again and again.</summary>
internal sealed partial class StartupBenchmark : IBenchmark
{
    private const int Starts = 11;
    private const int OfChildren = -1;

    private static readonly string[][] CommandLines = [["--version"], ["--help"], ["tlp", "decode", "400000010000000ffee0000041000000"]];

    public string Name => "startup";

    public string Description => "the command itself, from its start to its end";

    public IReadOnlyList<Figure> Run(CancellationToken cancellation)
    {
        var program = Path.ChangeExtension(typeof(StartupBenchmark).Assembly.Location, ".dll");
        var dotnet = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));
        var figures = new List<Figure>();
        foreach (var commandLine in CommandLines) Measure(dotnet, ["exec", program, .. commandLine], string.Join(' ', commandLine.Take(2)));
        // In a clone a script starts the program, and first looks whether it is up to date.
        if (ScriptAbove(program) is { } script) Measure(script, CommandLines[0], "./pciefabric --version");
        return figures;

        void Measure(string file, string[] arguments, string name)
        {
            var (elapsed, worked) = (new double[Starts], new double[Starts]);
            for (var i = -1; i < Starts; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                var before = ProcessorTime();
                var start = Stopwatch.GetTimestamp();
                Start(file, arguments);
                if (i < 0) continue;
                elapsed[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
                worked[i] = (ProcessorTime() - before).TotalMilliseconds;
            }
            figures.Add(new Figure(name, Cost.MedianOf(elapsed), "ms", MoreIsBetter: false));
            figures.Add(new Figure($"{name}, processor time", Cost.MedianOf(worked), "ms", MoreIsBetter: false, Undisturbed: true));
        }
    }

    private static void Start(string file, string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true })!;
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0) throw new InvalidOperationException($"Invariant: '{string.Join(' ', arguments)}' works, yet it ended with {process.ExitCode}");
    }

    private static string? ScriptAbove(string program)
    {
        for (var folder = Directory.GetParent(program); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "PcieFabric.sln"))) return Path.Combine(folder.FullName, "pciefabric");
        }
        return null;
    }

    /// <summary>Of all processes that were started from here and have ended.</summary>
    private static TimeSpan ProcessorTime()
    {
        if (GetResourceUsage(OfChildren, out var usage) != 0) throw new InvalidOperationException("Invariant: the system counts the time of children");
        return TimeSpan.FromSeconds(usage.UserSeconds + usage.SystemSeconds) + TimeSpan.FromMicroseconds(usage.UserMicroseconds + usage.SystemMicroseconds);
    }

    [LibraryImport("libc", EntryPoint = "getrusage")]
    private static partial int GetResourceUsage(int whose, out ResourceUsage usage);

    /// <summary><c>struct rusage</c> of 64-bit Linux: two times, and fourteen counts that are not wanted.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 18 * sizeof(long))]
    private struct ResourceUsage
    {
        public long UserSeconds, UserMicroseconds, SystemSeconds, SystemMicroseconds;
    }
}
