namespace PcieFabric.Fabric.Tests.ConfigSpaces;

/// <summary>A test that asks the real lspci.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class LspciFactAttribute : FactAttribute
{
    public LspciFactAttribute()
    {
        if (!Lspci.IsInstalled) Skip = "lspci is not installed (Debian package pciutils)";
    }
}
