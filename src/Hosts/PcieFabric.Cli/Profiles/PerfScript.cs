using System.Globalization;

namespace PcieFabric.Cli.Profiles;

/// <summary>What <c>perf script -F pid,ip,sym</c> prints: of each sample a line with the process, and a line each frame, innermost first.</summary>
internal static class PerfScript
{
    /// <summary>The stacks, outermost frame first, and the processes that were sampled.</summary>
    public static (IReadOnlyList<IReadOnlyList<StackFrame>> Stacks, IReadOnlySet<int> Processes) Read(TextReader script)
    {
        var stacks = new List<IReadOnlyList<StackFrame>>();
        var processes = new HashSet<int>();
        var frames = new List<StackFrame>();
        while (script.ReadLine() is { } line)
        {
            var text = line.Trim();
            if (text.Length == 0) End();
            else if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var process) && frames.Count == 0) processes.Add(process);
            else if (text.Split(' ', 2) is [_, var symbol]) frames.Add(StackFrame.Of(symbol.Trim()));
        }
        End();
        return (stacks, processes);

        void End()
        {
            if (frames.Count == 0) return;
            frames.Reverse();
            stacks.Add([.. frames]);
            frames.Clear();
        }
    }
}
