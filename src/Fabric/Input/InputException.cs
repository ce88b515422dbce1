namespace PcieFabric.Input;

/// <summary>
/// Something a person wrote is wrong: a file, an option, a line of hex. Shown as one line,
/// <c>file:line:column: message (hint)</c>, with exit code 2 and never a stack trace.
/// </summary>
public sealed class InputException : Exception
{
    public InputException(string message, string? hint = null, SourceLocation? location = null, Exception? inner = null)
        : base(message, inner)
    {
        Hint = hint;
        Location = location;
    }

    /// <summary>What to do next, as a phrase: <c>did you mean 'functions'?</c></summary>
    public string? Hint { get; }

    public SourceLocation? Location { get; }

    /// <summary>The whole line that a person sees.</summary>
    public string Line => $"{(Location is { } at ? at + ": " : "")}{Message}{(Hint is null ? "" : $" ({Hint})")}";
}
