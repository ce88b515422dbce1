using PcieFabric.Fabric.Tests.ConfigSpaces;

namespace PcieFabric.Cli.Tests.Trees;

/// <summary>A theory that asks the real lspci.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class LspciTheoryAttribute : TheoryAttribute
{
    public LspciTheoryAttribute() => Skip = new LspciFactAttribute().Skip;
}
