using System.Text.Json;
using PcieFabric.Cli.Benchmarks;
using PcieFabric.Cli.CommandLine;
using PcieFabric.Cli.Tests.CommandLine;

namespace PcieFabric.Cli.Tests.Benchmarks;

public sealed class BenchCommandTests : IDisposable
{
    private static readonly MachineSpeeds Machine = Speed(400e6);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("pciefabric-test");

    private string Kept => Path.Combine(_folder.FullName, "kept.json");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task AFigureThatGotSlowerIsNamedAndEndsWithOne()
    {
        await Save(FakedBenchmark.OfRates(6.0e6, 6.1e6, 5.9e6));

        var run = await Compare(FakedBenchmark.OfRates(5.0e6, 5.1e6, 4.9e6));

        Assert.Equal(ExitCode.NotMet, run.ExitCode);
        Assert.Contains("worse", run.Output);
        Assert.Equal($"worse than in {Kept}: faked 'TLPs'\n", run.Error);
    }

    [Fact]
    public async Task AFigureThatGotFasterEndsWell()
    {
        await Save(FakedBenchmark.OfRates(6.0e6, 6.1e6, 5.9e6));

        var run = await Compare(FakedBenchmark.OfRates(8.0e6, 8.1e6, 7.9e6));

        Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.Error));
        Assert.Contains("better", run.Output);
    }

    [Fact]
    public async Task AMachineOfHalfTheSpeedIsNotTakenForSlowerCode()
    {
        await Save(FakedBenchmark.OfRates(6.0e6));
        var half = Speed(200e6);

        Assert.Equal(ExitCode.Done, (await Compare(FakedBenchmark.OfRates(3.0e6), half)).ExitCode);
        Assert.Equal(ExitCode.NotMet, (await Compare(FakedBenchmark.OfRates(2.5e6), half)).ExitCode);
    }

    [Fact]
    public async Task EachRunIsSetAgainstTheBoundsAroundIt()
    {
        // The machine slows down in the second run, and the figure with it.
        var speeds = new Queue<MachineSpeeds>(new[] { 400e6, 400e6, 100e6, 100e6, 400e6, 400e6 }.Select(rate => Speed(rate)));

        await Run(["--runs", "3", "--save", Kept], [FakedBenchmark.OfRates(4e6, 1e6, 4e6)], speeds.Dequeue);

        var figure = Assert.Single(BenchmarkReport.Read(Kept).Benchmarks.Single().Figures);
        Assert.Equal(new FigureResult("TLPs", "1/s", 4e6, 1e6, 4e6, MoreIsBetter: true, "queue", new Cost(Median: 100, Spread: 0)), figure);
        Assert.Empty(speeds);
    }

    [Fact]
    public async Task AFigureThatNothingMakesBetterIsKeptAndNotCompared()
    {
        var counts = new FakedBenchmark("faked", [new Figure("functions", 4096, "")], [new Figure("functions", 1, "")]);
        await Save(counts);

        var run = await Compare(counts);

        Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.Error));
        Assert.Equal(4096, BenchmarkReport.Read(Kept).Benchmarks.Single().Figures.Single().Median);
        Assert.DoesNotContain("functions", run.Output);
    }

    [Fact]
    public async Task WithJsonTheComparisonIsOneObjectOnOneLine()
    {
        await Save(FakedBenchmark.OfRates(6.0e6));

        var run = await Run(["--json", "--compare", Kept], [FakedBenchmark.OfRates(4.0e6)]);

        Assert.Equal(ExitCode.NotMet, run.ExitCode);
        var row = JsonDocument.Parse(Assert.Single(run.Output.Trim().Split('\n'))).RootElement.GetProperty("comparison")[0];
        Assert.Equal("Worse", row.GetProperty("verdict").GetString());
        Assert.Equal(0.5, row.GetProperty("change").GetDouble(), 6);
    }

    [Fact]
    public async Task FiguresOfABenchmarkThatWasNotAskedForAreNotMissed()
    {
        var other = new FakedBenchmark("other", [new Figure("DMA", 10, "GB/s", MoreIsBetter: true)]);
        await Run(["--save", Kept], [FakedBenchmark.OfRates(6.0e6), other]);

        var run = await Run(["faked", "--json", "--compare", Kept], [FakedBenchmark.OfRates(6.0e6), other]);

        Assert.Equal(ExitCode.Done, run.ExitCode);
        Assert.DoesNotContain("DMA", run.Output);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{\"benchmarks\":[]}")]
    [InlineData("{\"machine\":{\"processors\":2,\"runtime\":\"x\",\"queue\":1,\"memcpy\":1},\"benchmarks\":null}")]
    [InlineData("TLPs 6,000,000")]
    public async Task AFileThatHoldsNoFiguresIsRefusedBeforeAnythingRuns(string content)
    {
        await File.WriteAllTextAsync(Kept, content);

        var run = await Run(["--compare", Kept], [new FakedBenchmark("faked")]);

        Assert.Equal((ExitCode.WrongInput, ""), (run.ExitCode, run.Output));
        Assert.StartsWith($"{Kept}: no figures of 'bench --save' (", run.Error);
    }

    [Fact]
    public async Task FiguresDoNotOverwriteThoseThatTheyAreComparedWith()
    {
        await Save(FakedBenchmark.OfRates(6.0e6));
        var before = await File.ReadAllTextAsync(Kept);

        var run = await Run(["--compare", Kept, "--save", Kept], [new FakedBenchmark("faked")]);

        Assert.Equal(ExitCode.WrongInput, run.ExitCode);
        Assert.Equal(before, await File.ReadAllTextAsync(Kept));
    }

    [Theory]
    [InlineData("--flame-graph: one picture shows one benchmark", "--flame-graph", "x.svg")]
    [InlineData("--runs: 0 runs cannot be", "--runs", "0")]
    [InlineData("unknown benchmark 'fakde' (did you mean 'faked'?)", "fakde")]
    public async Task WrongOptionsAreRefusedInOneLine(string message, params string[] args)
    {
        var run = await Run(args, [new FakedBenchmark("faked"), new FakedBenchmark("other")]);

        Assert.Equal(ExitCode.WrongInput, run.ExitCode);
        Assert.StartsWith(message, run.Error);
    }

    [Fact]
    public void ThisMachinesBoundsAreMeasured()
    {
        var (sustained, best) = new MachineSpeedometer().Measure();

        // Between what a machine of the nineties did and what light can travel.
        Assert.InRange(sustained.MessagesPerSecond, 1e4, best.MessagesPerSecond);
        Assert.InRange(best.MessagesPerSecond, 1e5, 1e11);
        Assert.InRange(sustained.BytesPerSecond, 1e6, best.BytesPerSecond);
        Assert.InRange(best.BytesPerSecond, 1e7, 1e13);
    }

    [Fact]
    public async Task WaitingForAProcessorIsNotTakenForSlowerCodeEitherWay()
    {
        IReadOnlyList<Figure> Figures(double rate) => [new("TLPs", rate, "1/s", MoreIsBetter: true), new("register", 8, "µs", MoreIsBetter: false, Undisturbed: true)];
        await Save(new FakedBenchmark("faked", Figures(1.5e6)), Speed(100e6, best: 400e6));

        var run = await Compare(new FakedBenchmark("faked", Figures(6e6)), Speed(400e6));

        Assert.Equal(ExitCode.Done, run.ExitCode);
        Assert.DoesNotContain("better", run.Output);
    }

    private static MachineSpeeds Speed(double sustained, double? best = null) => new(new MachineSpeed(sustained, sustained * 50), new MachineSpeed(best ?? sustained, (best ?? sustained) * 50));

    private async Task Save(IBenchmark benchmark, MachineSpeeds? machine = null) => Assert.Equal(ExitCode.Done, (await Run(["--save", Kept], [benchmark], () => machine ?? Machine)).ExitCode);

    private Task<CommandRun> Compare(IBenchmark benchmark, MachineSpeeds? machine = null) => Run(["--compare", Kept], [benchmark], () => machine ?? Machine);

    private static Task<CommandRun> Run(string[] args, IReadOnlyList<IBenchmark> benchmarks, Func<MachineSpeeds>? speed = null) =>
        CommandRun.Of(new PcieFabricCommand(BenchCommand.Create(_ => benchmarks, () => speed ?? (() => Machine))), ["bench", .. args]);
}
