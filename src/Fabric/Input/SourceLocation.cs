namespace PcieFabric.Input;

/// <summary>A place in something a person wrote; line and column count from one. Line zero stands for the file as a whole.</summary>
public readonly record struct SourceLocation(string File, int Line = 0, int Column = 0)
{
    public override string ToString() => Line == 0 ? File : $"{File}:{Line}:{Column}";
}
