using PcieFabric.Cli.CommandLine;
using PcieFabric.Input;

namespace PcieFabric.Cli.Tests.CommandLine;

public class FailureTests
{
    private const int NoSpaceLeft = 28;

    [Fact]
    public async Task WrongInputIsItsLocatedLineAndNothingElse()
    {
        var run = await Failing(new InputException("unknown key 'functons'", "did you mean 'functions'?", new SourceLocation("a.yaml", 3, 5)));

        Assert.Equal(ExitCode.WrongInput, run.ExitCode);
        Assert.Equal("a.yaml:3:5: unknown key 'functons' (did you mean 'functions'?)\n", run.Error);
    }

    [Fact]
    public async Task AnAbsentFileIsWrongInput()
    {
        var run = await Failing(() => File.OpenRead("no-such-file.yaml"));

        Assert.Equal(ExitCode.WrongInput, run.ExitCode);
        Assert.Contains("no-such-file.yaml: no such file", run.Error);
        Assert.DoesNotContain("   at ", run.Error);
    }

    [Fact]
    public async Task AnAbsentFolderIsWrongInput()
    {
        var run = await Failing(() => File.Create("no-such-folder/journal.pfj"));

        Assert.Equal(ExitCode.WrongInput, run.ExitCode);
        Assert.Contains("no-such-folder", run.Error);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task AFolderWhereAFileShouldBeIsWrongInput()
    {
        var run = await Failing(() => File.OpenRead(Path.GetTempPath()));

        Assert.Equal(ExitCode.WrongInput, run.ExitCode);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task AFullDiskIsAFaultOfTheEnvironmentAndSaysWhatToDo()
    {
        var run = await Failing(new IOException("No space left on device", NoSpaceLeft));

        Assert.Equal(ExitCode.EnvironmentLacks, run.ExitCode);
        Assert.Contains("free some space", run.Error);
    }

    [Fact]
    public async Task AReaderThatLeavesIsNoFailureToTalkAbout()
    {
        var run = await Failing(new OutputClosedException());

        Assert.Equal(ExitCode.OutputClosed, run.ExitCode);
        Assert.Empty(run.Error);
    }

    [Fact]
    public async Task OurOwnBugShowsItsStackTraceAndHowToReportIt()
    {
        var run = await Failing(() => throw new InvalidOperationException("credits never go below zero"));

        Assert.Equal(ExitCode.Bug, run.ExitCode);
        Assert.Contains("credits never go below zero", run.Error);
        Assert.Contains("report it", run.Error);
        Assert.Contains("   at " + typeof(FailureTests).FullName, run.Error);
    }

    [Fact]
    public async Task WhatWasPrintedBeforeAFailureIsKept()
    {
        var run = await CommandRun.Of(Root(context =>
        {
            context.Output.WriteLine("half");
            throw new InputException("the other half is wrong");
        }), ["fail"]);

        Assert.Equal(ExitCode.WrongInput, run.ExitCode);
        Assert.Equal("half\n", run.Output);
    }

    [Fact]
    public async Task ACancelledCommandEndsLikeOneThatCtrlCEnded()
    {
        using var cancellation = new CancellationTokenSource();
        var command = new FabricCommand("wait", "Waits for ever", "pciefabric wait");
        command.SetAction(async (_, token) =>
        {
            await cancellation.CancelAsync();
            await Task.Delay(Timeout.Infinite, token);
            return ExitCode.Done;
        });

        var run = await CommandRun.Of(new PcieFabricCommand(command), ["wait"], cancellation: cancellation.Token);

        Assert.Equal(ExitCode.Interrupted, run.ExitCode);
        Assert.Empty(run.Error);
    }

    private static Task<CommandRun> Failing(Exception failure) => Failing(() => throw failure);

    private static Task<CommandRun> Failing(Action fail) => CommandRun.Of(Root(_ =>
    {
        fail();
        return ExitCode.Done;
    }), ["fail"]);

    private static PcieFabricCommand Root(Func<CommandContext, ExitCode> run)
    {
        var command = new FabricCommand("fail", "Fails on purpose", "pciefabric fail");
        command.SetAction(run);
        return new PcieFabricCommand(command);
    }
}
