using System.CommandLine;
using PcieFabric.Cli.CommandLine;
using PcieFabric.Input;
using Spectre.Console;

namespace PcieFabric.Cli.Doctor;

/// <summary><c>pciefabric doctor</c>: what this machine has and lacks, what each thing is for and how to get it.</summary>
internal static class DoctorCommand
{
    /// <summary>For one probe; the slowest, a cold tshark, takes about a second.</summary>
    private static readonly TimeSpan ProbeLimit = TimeSpan.FromSeconds(10);

    public static Command Create() => Create(new ThisMachine(), ProbeLimit);

    internal static Command Create(IMachine machine, TimeSpan probeLimit)
    {
        var require = new Option<string[]>("--require")
        {
            Description = "Names of what must be there; exit code 3 where one is missing",
            HelpName = "NAME,...",
            AllowMultipleArgumentsPerToken = true,
        };
        require.CompletionSources.Add([.. Requirements.All.Select(requirement => requirement.Name)]);
        var command = new FabricCommand("doctor", "What this machine has and lacks, and how to get it",
            "pciefabric doctor",
            "pciefabric doctor --require lspci,qemu && echo ready for guests",
            "pciefabric doctor --json") { require, new JsonOption() };
        command.SetAction(async (context, cancellation) =>
        {
            var required = Named(context.Arguments.GetValue(require) ?? []);
            var findings = await Task.WhenAll(Requirements.All.Select(requirement => requirement.ExamineAsync(machine, probeLimit, cancellation)));
            var entries = Requirements.All.Zip(findings, (requirement, finding) => new DoctorReport.Entry(
                requirement.Name, requirement.Always || required.Contains(requirement.Name),
                finding.Found, finding.Detail, requirement.Purpose, requirement.Remedy)).ToList();
            var missing = entries.Where(entry => entry is { Required: true, Found: false }).Select(entry => entry.Name).ToList();

            if (context.Json)
                context.WriteJson(new DoctorReport(missing.Count == 0, entries), DoctorJson.Default.DoctorReport);
            else
                Draw(context, entries);

            if (missing.Count == 0)
                return ExitCode.Done;
            context.Error.WriteLine($"doctor: this machine lacks {string.Join(", ", missing)}");
            return ExitCode.EnvironmentLacks;
        });
        return command;
    }

    private static HashSet<string> Named(IEnumerable<string> lists)
    {
        var known = Requirements.All.Select(requirement => requirement.Name).ToList();
        var names = lists.SelectMany(list => list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)).ToHashSet();
        foreach (var name in names)
        {
            if (!known.Contains(name))
                throw new InputException($"--require: unknown name '{name}'", DidYouMean.For(name, known) ?? $"known: {string.Join(", ", known)}");
        }

        return names;
    }

    private static void Draw(CommandContext context, IEnumerable<DoctorReport.Entry> entries)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("", "what", "here", "for", "how to get it");
        foreach (var entry in entries)
        {
            table.AddRow(
                entry.Found ? "[green]yes[/]" : entry.Required ? "[red]NO[/]" : "[yellow]no[/]",
                Markup.Escape(entry.Name), Markup.Escape(entry.Detail), Markup.Escape(entry.Purpose),
                entry.Found ? "" : Markup.Escape(entry.Remedy));
        }

        context.Console.Write(table);
    }
}
