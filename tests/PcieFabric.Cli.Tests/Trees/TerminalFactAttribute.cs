namespace PcieFabric.Cli.Tests.Trees;

/// <summary>A test that gives the command a terminal, by util-linux's <c>script</c>.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class TerminalFactAttribute : FactAttribute
{
    public const string Program = "/usr/bin/script";

    public TerminalFactAttribute()
    {
        if (!File.Exists(Program)) Skip = "script is not installed (Debian package bsdutils)";
    }
}
