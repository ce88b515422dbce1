using System.CommandLine;

namespace PcieFabric.Cli.CommandLine;

/// <summary>A command of ours: its action gets a <see cref="CommandContext"/> and answers with an <see cref="ExitCode"/>.</summary>
internal sealed class FabricCommand : Command, IHaveExamples
{
    /// <param name="description">A line for the list of commands; what follows an empty line is for the command's own help.</param>
    public FabricCommand(string name, string description, params IReadOnlyList<string> examples) : base(name)
    {
        var parts = description.Split("\n\n", 2);
        (Description, Details, Examples) = (parts[0], parts.Length > 1 ? parts[1] : "", examples);
    }

    public string Details { get; }

    public IReadOnlyList<string> Examples { get; }

    /// <summary>What the command does. It may throw <see cref="Input.InputException"/>; the caller shows it.</summary>
    public void SetAction(Func<CommandContext, CancellationToken, Task<ExitCode>> run) =>
        SetAction(async (parse, cancellation) => (int)await run(CommandContext.Of(parse), cancellation));

    /// <inheritdoc cref="SetAction(Func{CommandContext, CancellationToken, Task{ExitCode}})"/>
    public void SetAction(Func<CommandContext, ExitCode> run) => SetAction(parse => (int)run(CommandContext.Of(parse)));
}
