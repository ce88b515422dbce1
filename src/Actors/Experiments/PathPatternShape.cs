using System.Text.Json.Nodes;
using PcieFabric.Documents;
using PcieFabric.Documents.Shapes;
using PcieFabric.Topologies;

namespace PcieFabric.Experiments;

/// <summary>A pattern of function paths.</summary>
internal sealed class PathPatternShape : ScalarShape<PathPattern>
{
    public override string Description => "a pattern of paths";

    protected override PathPattern Read(ScalarNode scalar, string what) =>
        scalar.Text.Trim() is { Length: > 0 } text ? new PathPattern(text, scalar.Location) : throw Wrong(scalar, what);

    public override JsonObject Schema(SchemaDefinitions definitions) => new() { ["type"] = "string" };
}
