using System.Text.Json.Nodes;
using PcieFabric.Input;

namespace PcieFabric.Documents.Shapes;

/// <summary>
/// What may stand at a place of a document: reads it, says what it expected where something else stands, and writes its own
/// JSON schema. Reader, messages and schema come from the one declaration and cannot drift apart.
/// </summary>
internal abstract class Shape<T>
{
    /// <summary>What a message calls it: <c>a whole number from 1 to 32</c>.</summary>
    public abstract string Description { get; }

    /// <summary>What the reference page calls it, in Markdown.</summary>
    public virtual string Reference => Description;

    /// <summary>Reads a node; <paramref name="what"/> is what a message calls the place, such as <c>'width'</c>.</summary>
    /// <exception cref="InputException">Something else stands there; located.</exception>
    public abstract T Read(Node node, string what);

    public abstract JsonObject Schema(SchemaDefinitions definitions);

    /// <summary>The same text, read into another type. <paramref name="convert"/> may not fail.</summary>
    public Shape<TOut> As<TOut>(Func<T, TOut> convert) => new ConvertedShape<T, TOut>(this, convert);

    protected InputException Wrong(Node node, string what, string? hint = null) =>
        new($"{what} must be {Description}, not {node.Description}", hint, node.Location);
}

/// <summary>A shape whose value is made of another's.</summary>
internal sealed class ConvertedShape<TIn, TOut>(Shape<TIn> inner, Func<TIn, TOut> convert) : Shape<TOut>
{
    public override string Description => inner.Description;
    public override string Reference => inner.Reference;
    public override TOut Read(Node node, string what) => convert(inner.Read(node, what));
    public override JsonObject Schema(SchemaDefinitions definitions) => inner.Schema(definitions);
}

/// <summary>A value and where it was written.</summary>
internal readonly record struct Located<T>(T Value, SourceLocation At);

/// <summary>A shape that also tells where its value stands.</summary>
internal sealed class LocatedShape<T>(Shape<T> inner) : Shape<Located<T>>
{
    public override string Description => inner.Description;
    public override string Reference => inner.Reference;
    public override Located<T> Read(Node node, string what) => new(inner.Read(node, what), node.Location);
    public override JsonObject Schema(SchemaDefinitions definitions) => inner.Schema(definitions);
}

/// <summary>Either of two shapes; a scalar decides for the first.</summary>
internal sealed class EitherShape<T>(Shape<T> scalar, Shape<T> other) : Shape<T>
{
    public override string Description => $"{scalar.Description}, or {other.Description}";
    public override string Reference => $"{scalar.Reference}, or {other.Reference}";
    public override T Read(Node node, string what) => node is ScalarNode { IsNull: false } ? scalar.Read(node, what) : other.Read(node, what);

    public override JsonObject Schema(SchemaDefinitions definitions) =>
        new() { ["anyOf"] = new JsonArray(scalar.Schema(definitions), other.Schema(definitions)) };
}
