using System.Text;
using PcieFabric.Input;

namespace PcieFabric.Documents;

/// <summary>Where files that a person names come from: the disk, or the texts that a journal kept.</summary>
public interface ISourceFiles
{
    /// <exception cref="InputException">The file is absent, cannot be read, is too large or is not text; located at <paramref name="mention"/> if that is given.</exception>
    SourceText Read(string path, SourceLocation? mention = null);
}

/// <summary>Files of the machine.</summary>
public sealed class DiskFiles : ISourceFiles
{
    public static readonly DiskFiles Instance = new();

    private DiskFiles() { }

    public SourceText Read(string path, SourceLocation? mention = null)
    {
        try
        {
            if (Directory.Exists(path))
                throw Wrong("is a directory", "name a YAML file in it");
            var file = new FileInfo(path);
            if (!file.Exists)
                throw Wrong("does not exist", NeighbourHint(path));
            var bytes = new byte[Limits.MaxDocumentBytes + 1];
            using var stream = file.OpenRead();
            // What a device file's length says is not what it gives.
            var length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            if (length > Limits.MaxDocumentBytes)
                throw Wrong($"is larger than {Limits.MaxDocumentBytes} bytes", "is it YAML?");
            return new SourceText(path, new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes, 0, length).TrimStart('\uFEFF'));
        }
        catch (DecoderFallbackException wrong)
        {
            throw Wrong("is not UTF-8 text", "is it YAML?", wrong);
        }
        catch (UnauthorizedAccessException wrong)
        {
            throw Wrong("may not be read", "look at its permissions", wrong);
        }
        catch (Exception wrong) when (wrong is IOException or ArgumentException or NotSupportedException)
        {
            throw Wrong($"cannot be read: {wrong.Message}", null, wrong);
        }

        InputException Wrong(string what, string? hint, Exception? inner = null) => new($"'{path}' {what}", hint, mention, inner);
    }

    private static string NeighbourHint(string path)
    {
        var directory = Path.GetDirectoryName(path) is { Length: > 0 } named ? named : ".";
        if (!Directory.Exists(directory))
            return $"there is no directory '{directory}' either";
        var names = Directory.EnumerateFiles(directory, "*.yaml").Select(Path.GetFileName).OfType<string>().Order(StringComparer.Ordinal).ToList();
        return names.Count == 0 ? $"there is no YAML file in '{directory}'" : Suggestion.For(Path.GetFileName(path), names);
    }
}

/// <summary>Texts in memory, found by name.</summary>
public sealed class KeptFiles(IEnumerable<SourceText> sources) : ISourceFiles
{
    private readonly Dictionary<string, SourceText> _sources = sources.ToDictionary(source => source.Name, StringComparer.Ordinal);

    public SourceText Read(string path, SourceLocation? mention = null) =>
        _sources.TryGetValue(path, out var source)
            ? source
            : throw new InputException($"'{path}' does not exist", Suggestion.For(path, _sources.Keys), mention);
}
