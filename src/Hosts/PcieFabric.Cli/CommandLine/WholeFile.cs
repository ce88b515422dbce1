using PcieFabric.Input;

namespace PcieFabric.Cli.CommandLine;

/// <summary>A text file that a person asked for: it is there as a whole, in place of one that was there, or not at all.</summary>
internal sealed class WholeFile
{
    private readonly string _path;

    /// <summary>Checks what can be checked before the work is done that fills it.</summary>
    /// <param name="option">That named it.</param>
    /// <param name="source">What the work reads, which must not be overwritten; null where it reads nothing.</param>
    /// <exception cref="InputException">Something is there that a file would spoil, or no directory.</exception>
    public WholeFile(string path, string option, string? source)
    {
        if ((source is not null && Path.GetFullPath(path) == Path.GetFullPath(source)) || Path.GetExtension(path) is ".yaml" or ".yml")
            throw new InputException($"{option}: '{path}' would be overwritten", $"write {(source is null ? "" : $"{Path.GetFileName(source)} before {option}, and ")}a new name behind it");
        FileTarget.Check(path);
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } directory && !Directory.Exists(directory))
            throw new InputException($"'{path}' cannot be written: its directory does not exist", "create the folder first, or name another");
        _path = path;
    }

    public void Write(Action<TextWriter> write)
    {
        var unfinished = $"{_path}.{Environment.ProcessId}.tmp";
        try
        {
            using (var writer = new StreamWriter(unfinished))
                write(writer);
            File.Move(unfinished, _path, overwrite: true);
        }
        finally
        {
            File.Delete(unfinished);
        }
    }

    public override string ToString() => _path;
}
