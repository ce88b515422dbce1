using PcieFabric.ConfigSpaces;

namespace PcieFabric.Fabric.Tests.ConfigSpaces;

public class ClassNamesTests
{
    /// <summary>No base class has this sub-class, so that it has the base class's name.</summary>
    private const int NoSubClass = 0xEE;

    [LspciFact]
    public void EveryNameIsTheOneThatLspciPrints()
    {
        var codes = Enumerable.Range(0, 0x1400).ToArray();
        var path = Path.GetTempFileName();
        try
        {
            // lspci takes the class from the first lines of hex; one bus holds 256 functions.
            File.WriteAllLines(path, codes.Select(code =>
                $"{code >> 8:x2}:{code >> 3 & 31:x2}.{code & 7} {code:x4}: 1af4:0001\n00: f4 1a 01 00 00 00 00 00 00 00 {code & 0xFF:x2} {code >> 8:x2} 00 00 00 00\n"));
            // 00:01.0 "Class name [0604]" "1af4" ...
            var printed = Lspci.Read(path, "-mm", "-nn").Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => line.Split('"')[1]).Select(text => text[..text.LastIndexOf(" [", StringComparison.Ordinal)]).ToArray();
            Assert.Equal(codes.Length, printed.Length);
            var ofSubClasses = 0;
            foreach (var code in codes)
            {
                var name = ClassNames.Of((uint)code << 8);
                var ofBaseClass = ClassNames.Of((uint)(code & 0xFF00 | NoSubClass) << 8);
                Assert.Equal(printed[code & 0xFF00 | NoSubClass], ofBaseClass);
                if (name == ofBaseClass) continue;
                Assert.Equal(printed[code], name);
                ofSubClasses++;
            }
            Assert.True(ofSubClasses > 25);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Theory]
    [InlineData(0x060400, "PCI bridge")]
    [InlineData(0x010802, "Non-Volatile memory controller")]
    [InlineData(0x088001, "System peripheral")]
    [InlineData(0x017700, "Mass storage controller")]
    [InlineData(0xFF0000, "Unassigned class")]
    [InlineData(0x990000, "Class 99")]
    public void AClassIsNamedAsNarrowlyAsItIsKnown(uint classCode, string name) => Assert.Equal(name, ClassNames.Of(classCode));
}
