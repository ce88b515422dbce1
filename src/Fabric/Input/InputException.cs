namespace PcieFabric.Input;

/// <summary>
/// Something a person wrote is wrong: a file, an option, a line of hex. Shown as one line,
/// <c>file:line:column: message (hint)</c>, with exit code 2 and never a stack trace.
/// </summary>
public sealed class InputException : Exception
{
    public InputException(string message, string? hint = null, SourceLocation? location = null, Exception? inner = null)
        : base(OneLine(message), inner)
    {
        Hint = hint is null ? null : OneLine(hint);
        Location = location;
    }

    /// <summary>What to do next, as a phrase: <c>did you mean 'functions'?</c></summary>
    public string? Hint { get; }

    public SourceLocation? Location { get; }

    /// <summary>The whole line that a person sees.</summary>
    public string Line => $"{(Location is { } at ? at + ": " : "")}{Message}{(Hint is null ? "" : $" ({Hint})")}";

    // Messages quote what a person wrote, which may hold line breaks and terminal escapes, and be of any length.
    private static string OneLine(string text)
    {
        const int Longest = 500;
        if (text.Length > Longest)
            text = text[..Longest] + "...";
        return text.Any(char.IsControl)
            ? string.Concat(text.Select(character => char.IsControl(character) ? $"\\u{(int)character:x4}" : character.ToString()))
            : text;
    }
}
