using System.CommandLine;
using System.CommandLine.Invocation;
using System.Reflection;

namespace PcieFabric.Cli.CommandLine;

/// <summary>Prints the version and, after a plus sign, the commit that it was built from.</summary>
internal sealed class VersionAction : SynchronousCommandLineAction
{
    public static string Version { get; } =
        typeof(VersionAction).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        CommandContext.Of(parseResult).Output.WriteLine($"pciefabric {Version}");
        return (int)ExitCode.Done;
    }
}
