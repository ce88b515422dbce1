using System.Text.Json.Nodes;
using System.Xml.Linq;
using PcieFabric.Cli.CommandLine;
using PcieFabric.Cli.Tests.CommandLine;
using PcieFabric.Cli.Tests.House;

namespace PcieFabric.Cli.Tests.Experiments;

/// <summary><c>run --plot FILE</c>.</summary>
public sealed class PlotOptionTests : IDisposable
{
    private static readonly string Mmio = Path.Combine(Repository.Root, "config", "experiments", "mmio-write.yaml");
    private static readonly string[] Short = ["--set", "workloads.one-endpoint.count=50", "--set", "workloads.four-endpoints.count=100", "--set", "workloads.four-endpoints.checks=[]"];

    private readonly string _folder = Directory.CreateTempSubdirectory("plot").FullName;

    private string Picture => Path.Combine(_folder, "run.svg");

    [Fact]
    public async Task APictureIsWrittenBesideTheTable()
    {
        await File.WriteAllTextAsync(Picture, "an older one");
        var run = await CommandRun.Of(["run", Mmio, .. Short, "--plot", Picture]);

        Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.Error));
        Assert.EndsWith("run.svg: bandwidth by size, latency median by size\n", run.Output);
        Assert.Equal("svg", XDocument.Load(Picture).Root!.Name.LocalName);
        Assert.Equal([Picture], Directory.GetFiles(_folder));
    }

    [Fact]
    public async Task WithJsonNothingElseIsPrinted()
    {
        var run = await CommandRun.Of(["run", Mmio, .. Short, "--plot", Picture, "--json", "--set", "workloads.one-endpoint.outstanding=[2, 4]"]);

        var rows = JsonNode.Parse(run.Output)!["measured"]!.AsArray();
        Assert.Equal(["2", "4"], rows.Select(row => (string?)row!["point"]!["outstanding"]).OfType<string>().Distinct());
        Assert.Contains("one-endpoint, outstanding 4", await File.ReadAllTextAsync(Picture));
    }

    [Fact]
    public async Task WherePartitionsChangeNothingThePictureIsTheSameToo()
    {
        await CommandRun.Of(["run", Mmio, .. Short, "--plot", Picture]);
        var other = Path.Combine(_folder, "other.svg");
        await CommandRun.Of(["run", Mmio, .. Short, "--plot", other, "--partitions", "3", "--threads", "2"]);

        Assert.Equal(await File.ReadAllBytesAsync(Picture), await File.ReadAllBytesAsync(other));
    }

    [Fact]
    public async Task ARunThatMeasuresNothingLeavesNoPicture()
    {
        var run = await CommandRun.Of("run", Mmio, "--plot", Picture, "--set", "time-limit=1 us");

        Assert.Equal(ExitCode.NotMet, run.ExitCode);
        Assert.Contains("run.svg: not written, as nothing was measured", run.Error);
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Theory]
    [InlineData("absent/run.svg", "its directory does not exist")]
    [InlineData("", "is a directory")]
    [InlineData("link.svg", "is a link, a device or a pipe")]
    [InlineData("run.yaml", "--plot: ")]
    public async Task APlaceThatWouldBeSpoiltIsRefusedBeforeTheRun(string place, string said)
    {
        File.CreateSymbolicLink(Path.Combine(_folder, "link.svg"), "/dev/stdout");
        var run = await CommandRun.Of("run", Mmio, "--plot", Path.Combine(_folder, place));

        Assert.Equal((ExitCode.WrongInput, ""), (run.ExitCode, run.Output));
        Assert.Contains(said, run.Error);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task AnExperimentOfOnePointHasNothingToPlot()
    {
        var run = await CommandRun.Of("run", Mmio, "--plot", Picture, "--set", "workloads=[{ name: w, kind: mmio-read, sizes: [4 B] }]");

        Assert.Equal(ExitCode.WrongInput, run.ExitCode);
        Assert.Contains("'mmio-write' has nothing to plot: one workload at one point", run.Error);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
