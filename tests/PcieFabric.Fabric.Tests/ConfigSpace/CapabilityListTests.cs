using PcieFabric.ConfigSpaces;
using PcieFabric.ConfigSpaces.Capabilities;
using PcieFabric.ConfigSpaces.Functions;
using PcieFabric.Input;
using Xunit.Abstractions;

namespace PcieFabric.Fabric.Tests.ConfigSpaces;

public class CapabilityListTests(ITestOutputHelper output)
{
    private const int Draws = 300;

    [Fact]
    public void ADriverWalksBothListsOfEveryRandomSet()
    {
        var random = TestSeed.Random(output);
        for (var i = 0; i < Draws; i++)
        {
            var given = RandomCapabilities.Draw(random);
            var layout = new ConfigSpaceLayout(new Type0Header(Endpoints.Nvme, [BarDefinition.Memory64(0, 65536)]), given);
            var space = new ConfigSpace(layout);
            Assert.Equal(given.OfType<StandardCapability>().Select(c => c.Id), WalkStandard(space));
            Assert.Equal(given.OfType<ExtendedCapability>().Select(c => c.Id), WalkExtended(space));
            AssertApart(layout);
        }
    }

    [Fact]
    public void WithoutExtendedCapabilitiesTheirSpaceReadsZero()
    {
        var space = new ConfigSpace(new EndpointFunctionLayout(Endpoints.Nvme, express: new PciExpressOptions { MaxLinkSpeed = 2 }));
        Assert.Empty(WalkExtended(space));
        for (var at = 0x100; at < Limits.ConfigSpaceBytes; at += 4) Assert.Equal(0u, space.Read(new(at)));
    }

    [Fact]
    public void MoreThanFitsIsRefusedWithTheSizes()
    {
        var capabilities = Enumerable.Range(0, 8).Select(i => new VendorSpecificCapability((byte)i, new uint[10]));
        Assert.Equal(
            "the capabilities take 352 bytes, and there are 192 from 0x40 to 0xff (leave out Vendor-Specific or another)",
            Assert.Throws<InputException>(() => new ConfigSpaceLayout(new Type0Header(Endpoints.Nvme, []), capabilities)).Line);
    }

    [Fact]
    public void AVendorsStructureFillsItsSpaceAndNoMore()
    {
        var whole = new ConfigSpaceLayout(new Type0Header(Endpoints.Nvme, []), [new VendorSpecificCapability(0, new uint[47]), new DvsecCapability(1, 1, 0, new uint[957])]);
        var space = new ConfigSpace(whole);
        Assert.Equal(0x00C0_0009u, space.Read(new(0x40)));
        Assert.Equal(0xF00u, space.Read(new(0x104)) >> 20);
        Assert.Throws<InputException>(() => new VendorSpecificCapability(0, new uint[48]));
        Assert.Throws<InputException>(() => new DvsecCapability(1, 1, 0, new uint[958]));
    }

    [Fact]
    public void ACapabilityBelongsToOneLayout()
    {
        var msi = new MsiCapability();
        _ = new EndpointFunctionLayout(Endpoints.Nvme, capabilities: [msi]);
        Assert.Throws<InvalidOperationException>(() => new EndpointFunctionLayout(Endpoints.Nvme, capabilities: [msi]));
    }

    [Fact]
    public void AClassCodeOfMoreThan24BitsIsRefused() =>
        Assert.Throws<InputException>(() => new EndpointFunctionLayout(Endpoints.Nvme with { ClassCode = 0x1010802 }));

    private static IEnumerable<int> WalkStandard(ConfigSpace space)
    {
        Assert.NotEqual(0u, space.Read(new(0x04)) & 1 << 20);
        var at = (int)space.Read(new(0x34)) & 0xFF;
        for (var hops = 0; at != 0; hops++)
        {
            Assert.InRange(hops, 0, 47);
            Assert.InRange(at, 0x40, 0xFC);
            Assert.Equal(0, at & 3);
            var header = space.Read(new(at));
            yield return (int)header & 0xFF;
            at = (int)header >> 8 & 0xFF;
        }
    }

    private static IEnumerable<int> WalkExtended(ConfigSpace space)
    {
        var at = 0x100;
        if (space.Read(new(at)) == 0) yield break;
        for (var hops = 0; at != 0; hops++)
        {
            Assert.InRange(hops, 0, 959);
            Assert.InRange(at, 0x100, 0xFFC);
            Assert.Equal(0, at & 3);
            var header = space.Read(new(at));
            Assert.NotEqual(0u, header >> 16 & 15);
            yield return (int)header & 0xFFFF;
            at = (int)(header >> 20);
        }
    }

    private static void AssertApart(ConfigSpaceLayout layout)
    {
        var end = 0;
        foreach (var block in layout.Blocks)
        {
            Assert.True(block.Offset >= end, $"{block.Name} at 0x{block.Offset:x} overlaps what ends at 0x{end:x}");
            end = block.Offset + block.Registers.Max(r => r.Offset + r.Bits / 8);
        }
        Assert.InRange(end, 0, Limits.ConfigSpaceBytes);
    }
}
