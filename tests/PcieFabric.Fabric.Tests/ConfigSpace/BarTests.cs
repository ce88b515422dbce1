using PcieFabric.Addressing;
using PcieFabric.ConfigSpaces;
using PcieFabric.ConfigSpaces.Functions;
using PcieFabric.Input;
using Xunit.Abstractions;

namespace PcieFabric.Fabric.Tests.ConfigSpaces;

public class BarTests(ITestOutputHelper output)
{
    private const int Draws = 500;

    [Fact]
    public void ADriverFindsTheSizeAndKindOfEveryBar()
    {
        var random = TestSeed.Random(output);
        for (var i = 0; i < Draws; i++)
        {
            var bars = Draw(random);
            var space = new ConfigSpace(new EndpointFunctionLayout(Endpoints.Nvme, bars));
            for (var index = 0; index < 6; index++)
            {
                var bar = bars.SingleOrDefault(b => b.Index == index);
                if (bar is null && bars.Any(b => b.Kind == BarKind.Memory64 && b.Index == index - 1)) continue;
                Assert.Equal(bar is null ? (0, BarKind.Memory32, false) : (bar.Size, bar.Kind, bar.Prefetchable), Probe(space, index));
            }
        }
    }

    [Fact]
    public void ABarDecodesWhatWasWrittenWhileItsSpaceIsEnabled()
    {
        var layout = new EndpointFunctionLayout(Endpoints.Nvme, [BarDefinition.Memory64(0, 16384), BarDefinition.Io(2, 32), BarDefinition.Memory32(3, 4096)], expansionRomSize: 65536);
        var space = new ConfigSpace(layout);
        var decoder = new BarDecoder(space);
        space.Write(new(0x10), 0x89ABCDEF);
        space.Write(new(0x14), 0x00000012);
        space.Write(new(0x18), 0x0000C000);
        space.Write(new(0x1C), 0xFEBF0FFF);
        space.Write(new(0x30), 0xFE000001);
        Assert.Equal(AddressRange.Empty, decoder[0]);
        space.Write(new(0x04), 1);
        Assert.Equal(new AddressRange(0xC000, 32), decoder[2]);
        Assert.Equal(AddressRange.Empty, decoder[3]);
        Assert.Equal(AddressRange.Empty, decoder.ExpansionRom);
        space.Write(new(0x04), 2);
        Assert.Equal(new AddressRange(0x12_89ABC000, 16384), decoder[0]);
        Assert.Equal(AddressRange.Empty, decoder[1]);
        Assert.Equal(AddressRange.Empty, decoder[2]);
        Assert.Equal(new AddressRange(0xFEBF0000, 4096), decoder[3]);
        Assert.Equal(new AddressRange(0xFE000000, 65536), decoder.ExpansionRom);
        Assert.True(decoder.TryFind(0x12_89ABC010, false, out var index, out var offset));
        Assert.Equal((0, 0x10ul), (index, offset));
        Assert.False(decoder.TryFind(0xC000, true, out _, out _));
        Assert.False(decoder.TryFind(0x12_89AC0000, false, out _, out _));
    }

    [Fact]
    public void AnExpansionRomIsSizedWithoutItsEnableBit()
    {
        var space = new ConfigSpace(new EndpointFunctionLayout(Endpoints.Nvme, expansionRomSize: 65536));
        space.Write(new(0x30), 0xFFFFF800);
        Assert.Equal(0xFFFF0000, space.Read(new(0x30)));
        Assert.Equal(0u, new ConfigSpace(new EndpointFunctionLayout(Endpoints.Nvme)).Write(new(0x30), 0xFFFFFFFF).Changed);
    }

    [Theory]
    [InlineData(0, 3000, BarKind.Memory32, false, "BAR 0: 3000 bytes is no power of two (the next is 4096 bytes)")]
    [InlineData(0, 0, BarKind.Memory32, false, "BAR 0: 0 bytes is no power of two (the next is 16 bytes)")]
    [InlineData(1, 8, BarKind.Memory64, false, "BAR 1: 8 bytes is out of range (Memory64 takes 16 to 9223372036854775808 bytes)")]
    [InlineData(2, 512, BarKind.Io, false, "BAR 2: 512 bytes is out of range (Io takes 4 to 256 bytes)")]
    [InlineData(2, 64, BarKind.Io, true, "BAR 2: I/O space is never prefetchable (leave prefetchable out)")]
    [InlineData(3, 1ul << 32, BarKind.Memory32, false, "BAR 3: 4294967296 bytes is out of range (Memory32 takes 16 to 2147483648 bytes)")]
    [InlineData(5, 4096, BarKind.Memory64, false, "BAR 5: a 64-bit BAR takes two registers, and this is the last (use BAR 4 or a 32-bit BAR)")]
    [InlineData(6, 4096, BarKind.Memory32, false, "BAR 6: there is no such register (this header has BAR 0 to 5)")]
    public void ABarThatCannotBeIsRefused(int index, ulong size, BarKind kind, bool prefetchable, string line) =>
        Assert.Equal(line, Assert.Throws<InputException>(() => new EndpointFunctionLayout(Endpoints.Nvme, [new(index, size, kind, prefetchable)])).Line);

    [Fact]
    public void ABarInTheUpperHalfOfAnotherIsRefused() =>
        Assert.Throws<InputException>(() => new EndpointFunctionLayout(Endpoints.Nvme, [BarDefinition.Memory64(0, 4096), BarDefinition.Memory32(1, 4096)]));

    /// <summary>What every operating system does, with the rules of PCIe 6.0 section 7.5.1.2.1 and nothing of ours.</summary>
    private static (ulong Size, BarKind Kind, bool Prefetchable) Probe(ConfigSpace space, int index)
    {
        var at = new RegisterOffset(0x10 + 4 * index);
        space.Write(at, 0xFFFFFFFF);
        var low = space.Read(at);
        if (low == 0) return (0, BarKind.Memory32, false);
        if ((low & 1) != 0) return (~(low & ~3u) + 1, BarKind.Io, false);
        var is64 = (low & 6) == 4;
        var high = 0xFFFFFFFFu;
        if (is64)
        {
            space.Write(new(at.Value + 4), 0xFFFFFFFF);
            high = space.Read(new(at.Value + 4));
        }
        var size = ~((ulong)high << 32 | low & ~15u) + 1;
        return (size, is64 ? BarKind.Memory64 : BarKind.Memory32, (low & 8) != 0);
    }

    private static List<BarDefinition> Draw(Random random)
    {
        var bars = new List<BarDefinition>();
        for (var index = 0; index < 6; index++)
        {
            switch (random.Next(4))
            {
                case 0:
                    bars.Add(BarDefinition.Memory32(index, 1ul << random.Next(4, 32), random.Next(2) == 0));
                    break;
                case 1 when index < 5:
                    bars.Add(BarDefinition.Memory64(index++, 1ul << random.Next(4, 64), random.Next(2) == 0));
                    break;
                case 2:
                    bars.Add(BarDefinition.Io(index, 1ul << random.Next(2, 9)));
                    break;
            }
        }
        return bars;
    }
}
