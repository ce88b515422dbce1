using PcieFabric.ConfigSpaces;

namespace PcieFabric.Fabric.Tests.ConfigSpaces;

public class ConfigSpaceDocumentTests
{
    [Fact]
    public void EveryDeclaredFieldIsListedOnce()
    {
        var layout = Endpoints.Everything();
        var text = new StringWriter();
        ConfigSpaceDocument.Write(text, layout);
        var rows = text.ToString().Split('\n').Where(line => line.StartsWith("| 0x", StringComparison.Ordinal)).ToArray();
        Assert.Equal(layout.Blocks.Sum(b => b.Registers.Sum(r => r.Fields.Count)), rows.Length);
        Assert.Equal(rows.Length, rows.Distinct().Count());
        Assert.Contains("## PCI Express (0x048)", text.ToString());
        Assert.Contains("| 0x004 | 2 | Command | Bus Master Enable | RW | 0x0 |", rows);
        Assert.Contains("| 0x050 | 14:12 | Device Control | Max_Read_Request_Size | RW | 0x2 |", rows);
        Assert.Contains("| 0x104 | 20 | Uncorrectable Error Status | UnsupportedRequest | RW1CS | 0x0 |", rows);
    }
}
