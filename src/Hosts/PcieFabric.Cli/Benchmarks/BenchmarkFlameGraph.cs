using PcieFabric.Cli.CommandLine;
using PcieFabric.Cli.Profiles;
using PcieFabric.Input;

namespace PcieFabric.Cli.Benchmarks;

/// <summary><c>bench NAME --flame-graph</c>: a benchmark by itself under <c>perf</c>, of which what the engine ran is drawn.</summary>
internal static class BenchmarkFlameGraph
{
    /// <summary>The loop that hands messages to actors: above it is only what started it, and what the compiler does on its own thread is not below it.</summary>
    private const string Loop = "Partition.Deliver";

    public static ExitCode Draw(CommandContext context, IReadOnlyList<IBenchmark> chosen, int runs, string picture)
    {
        if (chosen is not [var benchmark]) throw new InputException("--flame-graph: one picture shows one benchmark", $"name it: {string.Join(", ", chosen.Select(known => known.Name))}");
        var file = new WholeFile(picture, "--flame-graph", source: null);
        var tree = StackTree.Below(Loop, PerfRecording.Of("bench", benchmark.Name, "--runs", $"{runs}"))
            ?? throw new InputException($"--flame-graph: no sample of {benchmark.Name} was in the engine", "choose a benchmark that runs a fabric");
        file.Write(output => SvgFlameGraph.Write(output, $"bench {benchmark.Name}: {benchmark.Description}, by sampling", tree));
        context.Output.WriteLine($"{file}: {tree.Samples} samples of {Loop} and what it called");
        foreach (var (folder, samples) in tree.OwnByFolder()) context.Output.WriteLine($"  {100.0 * samples / tree.Samples,5:0.0} %  {folder}");
        return ExitCode.Done;
    }
}
