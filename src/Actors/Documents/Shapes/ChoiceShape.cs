using System.Globalization;
using System.Text.Json.Nodes;
using PcieFabric.Input;

namespace PcieFabric.Documents.Shapes;

/// <summary>One word that a choice offers.</summary>
internal readonly record struct Choice<T>(string Text, T Value, string Documentation = "");

/// <summary>One of several words.</summary>
internal sealed class ChoiceShape<T>(params Choice<T>[] choices) : ScalarShape<T>
{
    public override string Description =>
        choices.Length == 1
            ? choices[0].Text
            : $"{string.Join(", ", choices.Take(choices.Length - 1).Select(choice => choice.Text))} or {choices[^1].Text}";

    public override string Reference =>
        string.Join(", ", choices.Select(choice => choice.Documentation.Length == 0 ? $"`{choice.Text}`" : $"`{choice.Text}` ({choice.Documentation})"));

    protected override T Read(ScalarNode scalar, string what)
    {
        foreach (var choice in choices)
        {
            if (choice.Text == scalar.Text)
                return choice.Value;
        }
        var hint = Suggestion.For(scalar.Text, [.. choices.Select(choice => choice.Text)]);
        throw Wrong(scalar, what, hint.StartsWith("did", StringComparison.Ordinal) && !char.IsAsciiDigit(scalar.Text[0]) ? hint : null);
    }

    public override JsonObject Schema(SchemaDefinitions definitions)
    {
        var schema = new JsonObject { ["enum"] = new JsonArray([.. choices.Select(choice => Json(choice.Text))]) };
        var documented = choices.Where(choice => choice.Documentation.Length > 0).Select(choice => $"{choice.Text}: {choice.Documentation}");
        if (string.Join("\n", documented) is { Length: > 0 } description)
            schema["description"] = description;
        return schema;
    }

    /// <summary>As YAML types the plain scalar: a number, a truth value, or text.</summary>
    public static JsonNode Json(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? JsonValue.Create(number)
        : bool.TryParse(text, out var flag) ? JsonValue.Create(flag)
        : JsonValue.Create(text);
}
