using System.Runtime.InteropServices;
using PcieFabric.Input;

namespace PcieFabric.Cli.CommandLine;

/// <summary>Tells a person what went wrong, in the one place where that is decided: wrong input, a lacking machine, or our own bug.</summary>
internal static class Failure
{
    private const int NoSpaceLeft = 28;

    public static ExitCode Report(Exception failure, CommandStreams streams)
    {
        var (exitCode, line) = failure switch
        {
            OutputClosedException => (ExitCode.OutputClosed, null),
            InputException input => (ExitCode.WrongInput, input.Line),
            FileNotFoundException { FileName: { } file } when !IsAssembly(file) =>
                (ExitCode.WrongInput, $"{file}: no such file (relative paths start at {Environment.CurrentDirectory})"),
            DirectoryNotFoundException => (ExitCode.WrongInput, $"{failure.Message} (create the folder first, or name another)"),
            UnauthorizedAccessException => (ExitCode.WrongInput, $"{failure.Message} (check its owner and mode with 'ls -ld')"),
            IOException { HResult: NoSpaceLeft } => (ExitCode.EnvironmentLacks, $"{failure.Message} (free some space, or write to another disk)"),
            IOException and not FileNotFoundException => (ExitCode.EnvironmentLacks, $"{failure.Message} (run 'pciefabric doctor' to see what this machine lacks)"),
            _ => (ExitCode.Bug, BugReport(failure)),
        };
        TryFlush(streams.Output);
        if (line is not null)
            streams.Error.WriteLine(line);
        return exitCode;
    }

    /// <summary>A part of the program that is missing is no file that a person named.</summary>
    private static bool IsAssembly(string file) => file.Contains(", Version=", StringComparison.Ordinal);

    private static string BugReport(Exception failure) =>
        $"""
        pciefabric: internal error: {failure.Message}
        This is a bug in PcieFabric, not in your input. Please report it with the command line, its files and these lines:
        pciefabric {VersionAction.Version}, {RuntimeInformation.FrameworkDescription}, {RuntimeInformation.OSDescription}
        {failure}
        """;

    /// <summary>What was printed before the failure is still wanted; that it cannot be written must not hide the failure.</summary>
    private static void TryFlush(TextWriter output)
    {
        try
        {
            output.Flush();
        }
        catch (IOException)
        {
        }
    }
}
