using PcieFabric.Input;

namespace PcieFabric.Documents;

/// <summary>A node of a YAML document, with the place where it starts. An alias is the node that it stands for.</summary>
internal abstract record Node(SourceLocation Location)
{
    /// <summary>What a message calls it.</summary>
    public abstract string Description { get; }
}

/// <summary>A scalar; <paramref name="TextColumn"/> is where its first character stands, or zero if its text differs from what the file shows.</summary>
internal sealed record ScalarNode(SourceLocation Location, string Text, bool IsPlain, int TextColumn) : Node(Location)
{
    /// <summary>Nothing was written, or <c>null</c> or <c>~</c>.</summary>
    public bool IsNull => IsPlain && Text is "" or "null" or "~";

    public override string Description => IsNull ? "nothing" : $"'{(Text.Length > 60 ? Text[..57] + "..." : Text)}'";

    /// <summary>Where the character at this offset of the text stands.</summary>
    public SourceLocation At(int offset) => TextColumn == 0 ? Location : Location with { Column = TextColumn + offset };
}

internal sealed record SequenceNode(SourceLocation Location, IReadOnlyList<Node> Items) : Node(Location)
{
    public override string Description => "a list";
}

internal sealed record MappingNode(SourceLocation Location, IReadOnlyList<MappingEntry> Entries) : Node(Location)
{
    public override string Description => "a mapping";
}

internal sealed record MappingEntry(string Key, SourceLocation Location, Node Value);
