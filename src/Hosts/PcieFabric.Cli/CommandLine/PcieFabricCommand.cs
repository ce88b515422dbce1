using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using PcieFabric.Cli.Attach;
using PcieFabric.Cli.Benchmarks;
using PcieFabric.Cli.Doctor;
using PcieFabric.Cli.Experiments;
using PcieFabric.Cli.Journals;
using PcieFabric.Cli.Tlps;
using PcieFabric.Cli.Trees;

namespace PcieFabric.Cli.CommandLine;

/// <summary>The <c>pciefabric</c> command itself: what it offers, and the options that hold everywhere.</summary>
internal sealed class PcieFabricCommand : RootCommand, IHaveExamples
{
    /// <summary>The command with chosen subcommands, for tests; the program has <see cref="WithEverything"/>.</summary>
    public PcieFabricCommand(params IReadOnlyList<Command> commands) : base("A PCI Express fabric in software: topologies, traffic and replay in virtual time")
    {
        foreach (var command in commands)
            Add(command);
        Add(Verbose);
        Add(Quiet);
        Add(NoColor);
        Options.OfType<VersionOption>().Single().Action = new VersionAction();
        var helpOption = Options.OfType<HelpOption>().Single();
        var help = new HelpWithExamples((HelpAction)helpOption.Action!);
        helpOption.Action = help;
        // Not as the action itself, which would forgive a misspelt command.
        SetAction(help.Invoke);
    }

    public IReadOnlyList<string> Examples { get; } =
    [
        "pciefabric run config/experiments/four-endpoints.yaml    # the main experiment",
        "pciefabric doctor            # what this machine has and lacks",
        "pciefabric doctor --help     # each command has examples of its own",
    ];

    public Option<bool> Verbose { get; } = new("--verbose", "-v")
    {
        Description = "Log more on standard error; -vv and -vvv still more",
        Arity = ArgumentArity.Zero,
        Recursive = true,
    };

    public Option<bool> Quiet { get; } = new("--quiet") { Description = "Nothing but results and errors", Recursive = true };

    public Option<bool> NoColor { get; } = new("--no-color") { Description = "No colours; so does the variable NO_COLOR", Recursive = true };

    /// <summary>The command with all that it offers, in the order in which its help lists them.</summary>
    public static PcieFabricCommand WithEverything() => new(
        RunCommand.Create(),
        TreeCommand.Create(),
        AttachCommand.Create(),
        ReplayCommand.Create(),
        JournalCommand.Create(),
        TlpCommand.Create(),
        BenchCommand.Create(),
        DoctorCommand.Create());

    /// <summary>Runs one command line in this process.</summary>
    /// <returns>An <see cref="ExitCode"/>; every failure has been reported on the error stream.</returns>
    public async Task<int> InvokeAsync(IReadOnlyList<string> args, CommandStreams streams, CancellationToken cancellation = default)
    {
        try
        {
            var parse = Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
            var runsCommand = parse.Action == parse.CommandResult.Command.Action;
            if (parse.Action is ParseErrorAction || (runsCommand && WrongCommandLine.OptionTakenForArgument(parse) is not null))
                throw WrongCommandLine.Describe(parse);
            var exitCode = await parse.InvokeAsync(new CommandContext.Invocation(streams), cancellation);
            await streams.Output.FlushAsync(CancellationToken.None);
            return exitCode;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return (int)ExitCode.Interrupted;
        }
        catch (Exception failure)
        {
            return (int)Failure.Report(failure, streams);
        }
    }
}
