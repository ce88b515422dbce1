namespace PcieFabric.Cli.CommandLine;

/// <summary>A command whose help ends with lines to copy.</summary>
internal interface IHaveExamples
{
    /// <summary>What the line in the list of commands has no room for; empty for none.</summary>
    string Details => "";

    /// <summary>Command lines that work in a fresh clone, with a comment after <c>#</c> where one helps.</summary>
    IReadOnlyList<string> Examples { get; }
}
