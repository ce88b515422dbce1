namespace PcieFabric.Documents;

/// <summary>A text and the name that messages call it by, usually the path of its file.</summary>
public sealed record SourceText(string Name, string Text);
