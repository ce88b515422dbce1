using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace PcieFabric.Cli.Profiles;

/// <summary>A command of ours, run by itself under <c>perf</c>: where it was, a thousand times a second.</summary>
internal static class PerfRecording
{
    /// <summary>No divisor of what else happens a thousand times a second.</summary>
    private const int SamplesPerSecond = 997;

    /// <summary>Reads what ran: the stacks of all threads, outermost frame first.</summary>
    /// <exception cref="IOException">There is no <c>perf</c>, or it may not sample, or the command failed.</exception>
    public static IReadOnlyList<IReadOnlyList<StackFrame>> Of(params string[] arguments)
    {
        var folder = Directory.CreateTempSubdirectory("pciefabric-perf-");
        try
        {
            var data = Path.Combine(folder.FullName, "perf.data");
            var program = Path.ChangeExtension(typeof(PerfRecording).Assembly.Location, ".dll");
            var dotnet = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));
            // The clock of the system, since guests seldom have a processor's counters.
            Perf(["record", "--event", "cpu-clock", "--freq", $"{SamplesPerSecond}", "--call-graph", "fp", "--output", data, "--", dotnet, "exec", program, .. arguments], output => output.ReadToEnd());
            var (stacks, processes) = Perf(["script", "--input", data, "--fields", "pid,ip,sym"], PerfScript.Read);
            foreach (var process in processes) File.Delete($"/tmp/perf-{process}.map");
            return stacks;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static T Perf<T>(string[] arguments, Func<TextReader, T> read)
    {
        var start = new ProcessStartInfo("perf", arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        // The map of what was compiled, without which addresses have no names; and code where the map says that it is.
        start.Environment["DOTNET_PerfMapEnabled"] = "3";
        start.Environment["DOTNET_EnableWriteXorExecute"] = "0";
        try
        {
            using var process = Process.Start(start)!;
            var error = process.StandardError.ReadToEndAsync();
            var result = read(process.StandardOutput);
            process.WaitForExit();
            return process.ExitCode == 0 ? result : throw new IOException($"perf {arguments[0]} failed: {error.Result.Trim().Split('\n')[^1]}");
        }
        catch (Win32Exception absent)
        {
            throw new IOException("perf cannot be started; it is in the package linux-perf", absent);
        }
    }
}
