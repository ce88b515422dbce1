using System.Collections.Concurrent;
using System.Text.Json;
using PcieFabric.Cli.CommandLine;
using PcieFabric.Cli.Tests.CommandLine;
using PcieFabric.Cli.Tests.House;

namespace PcieFabric.Cli.Tests.Trees;

/// <summary>A shipped topology as one run of the command showed it: for programs, and for lspci. Run once, since a rack takes its time.</summary>
internal sealed record ShownTopology(JsonElement Report, string Dump)
{
    private static readonly ConcurrentDictionary<string, Lazy<Task<ShownTopology>>> Known = new();

    public static TheoryData<string> Names =>
        [.. Directory.EnumerateFiles(Folder, "*.yaml").Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal)];

    private static string Folder => Path.Combine(Repository.Root, "config", "topologies");

    /// <summary>Every function of every segment.</summary>
    public IEnumerable<JsonElement> Functions => Report.GetProperty("hosts").EnumerateArray()
        .SelectMany(host => host.GetProperty("segments").EnumerateArray())
        .SelectMany(segment => segment.GetProperty("functions").EnumerateArray());

    public static string PathOf(string name) => Path.Combine(Folder, name + ".yaml");

    /// <param name="options">Of the command, besides those that say how to show it.</param>
    public static Task<ShownTopology> Of(string name, params string[] options) =>
        Known.GetOrAdd(string.Join(' ', [name, .. options]), _ => new Lazy<Task<ShownTopology>>(() => Show(name, options))).Value;

    private static async Task<ShownTopology> Show(string name, string[] options)
    {
        var dump = Path.Combine(Directory.CreateTempSubdirectory("pciefabric-test").FullName, name + ".txt");
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.GetParent(dump)!.Delete(recursive: true);
        var run = await CommandRun.Of(["tree", PathOf(name), "--json", "--dump", dump, .. options]);
        Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.Error));
        return new ShownTopology(JsonDocument.Parse(run.Output).RootElement, dump);
    }
}
