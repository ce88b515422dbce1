using PcieFabric.Actors.Tests.Fabrics;
using PcieFabric.Addressing;
using PcieFabric.ConfigSpaces;
using PcieFabric.ConfigSpaces.Capabilities;
using PcieFabric.RootComplexes.Enumeration;
using PcieFabric.Tests;
using PcieFabric.Topologies;
using Xunit.Abstractions;

namespace PcieFabric.Actors.Tests.VirtualFunctions;

/// <summary>Any number of physical and virtual functions, against the arithmetic of PCIe 6.0 sections 9.2.1.1 and 9.2.1.2.</summary>
public sealed class VirtualPropertyTests(ITestOutputHelper output)
{
    [Fact]
    public void WhoAnswersIsWhoTheArithmeticSays()
    {
        var random = TestSeed.Random(output);
        for (var round = 0; round < 40; round++) Check(new Random(random.Next()));
    }

    private static void Check(Random dice)
    {
        var ari = dice.Next(4) > 0;
        var functions = ari ? dice.Next(1, 6) : dice.Next(1, 4);
        var (offset, stride, most) = ari
            // VFs of the functions interleave, or spread over several buses.
            ? (functions + dice.Next(0, 40), functions * dice.Next(1, 40), dice.Next(1, 20))
            // The same function numbers of bus after bus.
            : (256 * dice.Next(1, 3), 256, dice.Next(1, 4));
        var barBytes = 4096ul << dice.Next(4);
        var kind = new FunctionDefinition
        {
            Name = "pf",
            Model = "memory",
            VendorId = 0x1D0F,
            DeviceId = 0x30,
            Bars = [BarDefinition.Memory64(0, 4096, prefetchable: true)],
            Capabilities = new CapabilitiesDefinition
            {
                SrIov = new SrIovDefinition
                {
                    Options = new SrIovOptions { TotalVfs = most, VfDeviceId = 0x31, FirstVfOffset = offset, VfStride = stride, VfBars = [BarDefinition.Memory64(2, barBytes, prefetchable: true)] },
                },
            },
        };
        var card = new EndpointDefinition { Name = "card", Ari = ari, Functions = [.. Enumerable.Repeat(kind, functions)] };
        using var fabric = new TestFabric(Parts.Host(Parts.Switch("fan", card, Parts.Endpoint("other"))), taps: false);
        fabric.Run(async (host, bus) =>
        {
            var enumerator = new Enumerator(host.Configuration[0], new EnumeratorOptions { Memory = host.Hierarchies[0].Memory });
            var physical = bus.Endpoints.Take(functions).ToArray();
            var expected = new Dictionary<ushort, ulong>();
            foreach (var function in physical)
            {
                var count = dice.Next(most + 1);
                if (count == 0) continue;
                var found = await enumerator.EnableVirtualFunctionsAsync(function, count);
                for (var vf = 0; vf < count; vf++)
                {
                    var (id, address) = ((ushort)(function.Bdf.Value + offset + vf * stride), function.VirtualFunctionBars[0].Range.Base + (ulong)vf * barBytes);
                    Assert.Equal((id, address, barBytes), (found[vf].Bdf.Value, found[vf].Bars[0].Range.Base, found[vf].Bars[0].Range.Size));
                    expected.Add(id, address);
                }
            }
            foreach (var (id, address) in expected) await host.Write32Async(address + barBytes - 4, id);

            // Every Routing ID that the card could have: somebody is there exactly if the arithmetic says so.
            var last = physical.Max(function => function.Bdf.Value + offset + (most - 1) * stride);
            for (var id = (int)physical[0].Bdf.Value; id <= last; id++)
            {
                var answers = await host.Configuration[0].ReadAsync(new Bdf((ushort)id), 4) != ~0u;
                var isPhysical = physical.Any(function => function.Bdf.Value == id);
                Assert.Equal(isPhysical || expected.ContainsKey((ushort)id), answers);
            }
            foreach (var (id, address) in expected) Assert.Equal(id, await host.Read32Async(address + barBytes - 4));
            foreach (var function in physical)
            {
                var end = function.VirtualFunctions.Count;
                if (end < most) Assert.Equal(~0u, await host.Read32Async(function.VirtualFunctionBars[0].Range.Base + (ulong)end * barBytes));
            }
        });
    }
}
