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
    [InlineData("doctor @file", "pciefabric doctor: unknown argument '@file' (see 'pciefabric doctor --help')")]
    public async Task AWrongCommandLineIsExplainedInOneLine(string line, string explanation)
    {
        var run = await CommandRun.Of(line.Split(' '));

        Assert.Equal(ExitCode.WrongInput, run.ExitCode);
        Assert.Equal(explanation + "\n", run.Error);
        Assert.Empty(run.Output);
    }
}
