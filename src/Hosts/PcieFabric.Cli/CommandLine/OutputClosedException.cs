namespace PcieFabric.Cli.CommandLine;

/// <summary>Whoever read standard output has left. No fault of anybody: the command ends without a word.</summary>
internal sealed class OutputClosedException() : IOException("standard output was closed by its reader");
