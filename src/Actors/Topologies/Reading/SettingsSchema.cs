using PcieFabric.Documents;
using PcieFabric.Documents.Shapes;

namespace PcieFabric.Topologies.Reading;

/// <summary>The keys that only a function's model understands.</summary>
internal static class SettingsSchema
{
    private const int MostSettings = 256;

    public static readonly Key<IReadOnlyList<Named<Located<string>>>> Settings = Key.Absent<IReadOnlyList<Named<Located<string>>>>("settings",
        new TableShape<Located<string>>(new LocatedShape<string>(new AnyScalarShape()), MostSettings), [], "What only the model understands.");

    public static Dictionary<string, Setting> Of(Fields fields) =>
        fields.Get(Settings).ToDictionary(setting => setting.Name, setting => new Setting(setting.Value.Value, setting.Value.At), StringComparer.Ordinal);

    /// <summary>Whatever stands there, for the model to judge.</summary>
    private sealed class AnyScalarShape : ScalarShape<string>
    {
        public override string Description => "text, a number or a truth value";
        protected override string Read(ScalarNode scalar, string what) => scalar.Text;

        public override System.Text.Json.Nodes.JsonObject Schema(SchemaDefinitions definitions) =>
            new() { ["type"] = new System.Text.Json.Nodes.JsonArray("string", "number", "boolean") };
    }
}
