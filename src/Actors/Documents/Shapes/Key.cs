using System.Text.Json.Nodes;
using PcieFabric.Input;

namespace PcieFabric.Documents.Shapes;

/// <summary>A key of a mapping, declared once: name, shape, default and documentation.</summary>
internal abstract class Key(string name, bool isRequired, string? defaultText, string documentation)
{
    public string Name => name;
    public bool IsRequired => isRequired;
    public string? DefaultText => defaultText;
    public string Documentation => documentation;

    /// <summary>What the reference page says may stand there.</summary>
    public abstract string Reference { get; }

    /// <summary>Its shape, for who looks for a kind of shapes among keys of many types.</summary>
    public abstract object UntypedShape { get; }

    public JsonObject Schema(SchemaDefinitions definitions)
    {
        var shape = ShapeSchema(definitions);
        // Draft 7 ignores what stands beside a $ref.
        var schema = shape.ContainsKey("$ref") ? new JsonObject { ["allOf"] = new JsonArray(shape) } : shape;
        schema["description"] = schema["description"] is { } ofShape ? $"{documentation}\n{ofShape}" : documentation;
        if (defaultText is not null)
            schema["default"] = ChoiceShape<int>.Json(defaultText);
        return schema;
    }

    protected abstract JsonObject ShapeSchema(SchemaDefinitions definitions);

    public static Key<T> Required<T>(string name, Shape<T> shape, string documentation) =>
        new(name, shape, true, null, default!, documentation);

    /// <summary>A key that may be left out; <paramref name="defaultText"/> is what the author could have written instead.</summary>
    public static Key<T> Optional<T>(string name, Shape<T> shape, string defaultText, string documentation) =>
        new(name, shape, false, defaultText, shape.Read(new ScalarNode(new SourceLocation(""), defaultText, true, 0), $"the default of '{name}'"), documentation);

    /// <summary>A key that may be left out, with a default that cannot be written as one scalar, or none.</summary>
    public static Key<T> Absent<T>(string name, Shape<T> shape, T whenAbsent, string documentation) =>
        new(name, shape, false, null, whenAbsent, documentation);

    /// <summary>A key that is null where it is left out.</summary>
    public static Key<T?> Maybe<T>(string name, Shape<T> shape, string documentation, string? defaultText = null)
        where T : struct =>
        new(name, shape.As(value => (T?)value), false, defaultText, null, documentation);
}

/// <summary>A key whose value is a <typeparamref name="T"/>.</summary>
internal sealed class Key<T>(string name, Shape<T> shape, bool isRequired, string? defaultText, T whenAbsent, string documentation)
    : Key(name, isRequired, defaultText, documentation)
{
    public Shape<T> Shape => shape;
    public T WhenAbsent => whenAbsent;

    public override string Reference => shape.Reference;
    public override object UntypedShape => shape;

    protected override JsonObject ShapeSchema(SchemaDefinitions definitions) => shape.Schema(definitions);
}
