using PcieFabric.Cli.CommandLine;

namespace PcieFabric.Cli.Tests.CommandLine;

public class WrongCommandLineTests
{
    [Theory]
    [InlineData("dcotor", "pciefabric: unknown command 'dcotor' (did you mean 'doctor'?)")]
    [InlineData("zzzzzzz", "pciefabric: unknown command 'zzzzzzz' (see 'pciefabric --help')")]
    [InlineData("--quite", "pciefabric: unknown option '--quite' (did you mean '--quiet'?)")]
    [InlineData("doctor --jsno", "pciefabric doctor: unknown option '--jsno' (did you mean '--json'?)")]
    [InlineData("doctor --no-colour", "pciefabric doctor: unknown option '--no-colour' (did you mean '--no-color'?)")]
    [InlineData("doctor who", "pciefabric doctor: unknown argument 'who' (see 'pciefabric doctor --help')")]
    [InlineData("doctor --require", "pciefabric doctor: required argument missing for option: '--require' (see 'pciefabric doctor --help')")]
    [InlineData("tree --deth 3 x.yaml", "pciefabric tree: unknown option '--deth' (did you mean '--depth'?)")]
    [InlineData("tree --jsno x.yaml", "pciefabric tree: unknown option '--jsno' (did you mean '--json'?)")]
    [InlineData("tree --jsno", "pciefabric tree: unknown option '--jsno' (did you mean '--json'?)")]
    [InlineData("tlp decode --jsno", "pciefabric tlp decode: unknown option '--jsno' (did you mean '--json'?)")]
    [InlineData("run x.yaml --seed -1", "pciefabric run: --seed: '-1' is no whole number in range (see 'pciefabric run --help')")]
    [InlineData("tree x.yaml --depth deep", "pciefabric tree: --depth: 'deep' is no whole number in range (see 'pciefabric tree --help')")]
    [InlineData("doctor @file", "pciefabric doctor: unknown argument '@file' (see 'pciefabric doctor --help')")]
    public async Task AWrongCommandLineIsExplainedInOneLine(string line, string explanation)
    {
        var run = await CommandRun.Of(line.Split(' '));

        Assert.Equal(ExitCode.WrongInput, run.ExitCode);
        Assert.Equal(explanation + "\n", run.Error);
        Assert.Empty(run.Output);
    }

    [Fact]
    public async Task BehindTwoDashesAFileMayBeCalledLikeAnOption()
    {
        var run = await CommandRun.Of("tree", "--", "--jsno");

        Assert.Equal(ExitCode.WrongInput, run.ExitCode);
        Assert.StartsWith("'--jsno' does not exist", run.Error);
    }
}
