using System.CommandLine;

namespace PcieFabric.Cli.CommandLine;

/// <summary><c>--json</c>, with the same meaning for every command that has it.</summary>
internal sealed class JsonOption : Option<bool>
{
    public JsonOption() : base("--json") => Description = "Print JSON on standard output, and nothing else there";
}
