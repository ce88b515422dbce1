using PcieFabric.Addressing;
using PcieFabric.ConfigSpaces;
using PcieFabric.RootComplexes.Enumeration;
using Xunit.Abstractions;

namespace PcieFabric.Actors.Tests.Enumeration;

/// <summary>What holds for every hierarchy, seen from the registers that enumeration left behind.</summary>
public class EnumerationPropertyTests(ITestOutputHelper output)
{
    private const int Draws = 50;

    [Fact]
    public Task EveryReachableFunctionIsFoundAtItsPlace() => ForEachHierarchy((model, result) =>
    {
        Compare(model.RootBus, result.RootBus);

        void Compare(IEnumerable<ModelFunction> expected, IReadOnlyList<EnumeratedFunction> found)
        {
            var pairs = expected.Zip(found).ToArray();
            Assert.Equal(expected.Select(f => f.Layout.Header.Identity.DeviceId), found.Select(f => f.Identity.DeviceId));
            foreach (var (function, enumerated) in pairs)
            {
                Assert.Equal(function.Number, enumerated.Bdf.AriFunction);
                Assert.Same(enumerated, result.Find(enumerated.Bdf));
                Assert.Same(function, model.Route(enumerated.Bdf));
                // Without ARI on both sides, eight functions of a device are all that can be reached.
                Compare(function.Below.Where(f => !function.HasLinkBelow || function.ForwardsAri || f.Number < 8), enumerated.Children);
            }
        }
    });

    [Fact]
    public Task BusRangesNestAndNeverOverlap() => ForEachHierarchy((model, result) =>
    {
        Assert.Equal(Enumerable.Range(0, result.LastBus + 1), Walk(0, model.RootBus).Order());

        // A bus that is used twice, or left out, is not in the order from zero to the last.
        static IEnumerable<int> Walk(int bus, IEnumerable<ModelFunction> functions)
        {
            var next = bus + 1;
            var below = new List<int> { bus };
            foreach (var bridge in functions.Where(f => f.Bridge is not null))
            {
                Assert.Equal(bus, (int)bridge.Space[bridge.Bridge!.PrimaryBus]);
                Assert.Equal(next, bridge.SecondaryBus);
                var inside = Walk(bridge.SecondaryBus, bridge.Below).ToArray();
                Assert.Equal(inside.Max(), bridge.SubordinateBus);
                below.AddRange(inside);
                next = bridge.SubordinateBus + 1;
            }
            return below;
        }
    });

    [Fact]
    public Task EveryBarIsDecodedByItsFunctionAndReachedThroughEveryBridge() => ForEachHierarchy((model, result) =>
    {
        foreach (var (function, above) in Reachable(model))
        {
            foreach (var bar in function.Layout.Header.Bars)
            {
                var range = bar.Range(function.Space);
                var isIo = bar.Definition.Kind == BarKind.Io;
                Assert.Equal(0ul, range.Base & (range.Size - 1));
                Assert.True(function.Space[isIo ? function.Layout.Header.Command.IoSpaceEnable : function.Layout.Header.Command.MemorySpaceEnable]);
                Assert.True(HostWindows(isIo).Any(w => w.Contains(range.Base, range.Size)), $"{range} is in no window of the host");
                foreach (var bridge in above)
                {
                    // A read ahead in a bridge must not touch what has side effects.
                    var windows = bar.Definition.Prefetchable ? new[] { bridge.Bridge!.MemoryRange(bridge.Space), bridge.Bridge.PrefetchableRange(bridge.Space) }
                        : [isIo ? bridge.Bridge!.IoRange(bridge.Space) : bridge.Bridge!.MemoryRange(bridge.Space)];
                    Assert.Single(windows, w => w.Contains(range.Base, range.Size));
                    Assert.True(bridge.Space[bridge.Layout.Header.Command.BusMasterEnable]);
                }
            }
            if (function.Layout.Header.ExpansionRom is not { } rom) continue;
            Assert.False(function.Space[rom.Enable]);
            Assert.All(above, bridge => Assert.True(bridge.Bridge!.MemoryRange(bridge.Space).Contains(rom.Range(function.Space).Base, rom.Size)));
        }
    });

    [Fact]
    public Task WhatSharesABusSharesNoAddress() => ForEachHierarchy((model, result) =>
    {
        foreach (var io in new[] { false, true }) Walk(model.RootBus, HostWindows(io), io);

        static void Walk(ModelFunction[] bus, AddressRange[] around, bool io)
        {
            var claims = bus.SelectMany(f => Claims(f, io)).OrderBy(c => c.Base).ToArray();
            for (var i = 1; i < claims.Length; i++) Assert.False(claims[i - 1].Overlaps(claims[i]), $"{claims[i - 1]} overlaps {claims[i]}");
            Assert.All(claims, c => Assert.True(around.Any(w => w.Contains(c.Base, c.Size)), $"{c} sticks out"));
            foreach (var bridge in bus.Where(f => f.Bridge is not null))
            {
                // What is out of ARI's reach got no addresses and decodes none.
                Walk([.. bridge.Below.Where(f => f.Decodes)], [.. Windows(bridge, io)], io);
            }
        }

        static IEnumerable<AddressRange> Claims(ModelFunction function, bool io)
        {
            var bars = function.Layout.Header.Bars.Where(b => b.Definition.Kind == BarKind.Io == io).Select(b => b.Range(function.Space));
            if (!io && function.Layout.Header.ExpansionRom is { } rom) bars = bars.Append(rom.Range(function.Space));
            return bars.Concat(Windows(function, io)).Where(r => !r.IsEmpty && function.Decodes);
        }

        static IEnumerable<AddressRange> Windows(ModelFunction function, bool io)
        {
            if (function.Bridge is not { } bridge) return [];
            AddressRange[] all = io ? [bridge.IoRange(function.Space)] : [bridge.MemoryRange(function.Space), bridge.PrefetchableRange(function.Space)];
            return all.Where(w => !w.IsEmpty);
        }
    });

    [Fact]
    public Task TheReportSaysWhatTheRegistersSay() => ForEachHierarchy((model, result) =>
    {
        foreach (var found in result.Functions)
        {
            var function = model.Route(found.Bdf)!;
            var (header, space) = (function.Layout.Header, function.Space);
            Assert.Equal(header.Bars.Select(b => (b.Definition.Index, b.Definition.Kind, b.Definition.Prefetchable, b.Range(space))), found.Bars.Select(b => (b.Index, b.Kind, b.Prefetchable, b.Range)));
            Assert.Equal(header.ExpansionRom?.Range(space) ?? AddressRange.Empty, found.ExpansionRom);
            Assert.Equal(header.Identity with { SubsystemId = 0x42, SubsystemVendorId = 0x1DE5 }, found.Identity);
            Assert.Equal(function.Layout.Capabilities.Select(c => c.Offset), found.Capabilities.Concat(found.ExtendedCapabilities).Select(c => (int)c.Offset));
            Assert.Equal(function.Layout.Express.Device.MaxPayloadBytes(space), found.PciExpress!.MaxPayload);
            Assert.Equal(function.Layout.Express.Device.TagBits(space), found.PciExpress.TagBits);
            Assert.Equal(function.ForwardsAri, found.PciExpress.AriForwarding);
            if (function.Bridge is not { } bridge) continue;
            Assert.Equal((function.SecondaryBus, function.SubordinateBus), (found.Bridge!.SecondaryBus, found.Bridge.SubordinateBus));
            Assert.Equal(
                (bridge.Memory.Range(space), bridge.Prefetchable.Range(space), bridge.Io.Range(space)),
                (found.Bridge.Memory, found.Bridge.PrefetchableMemory, found.Bridge.Io));
        }
    });

    [Fact]
    public Task ASecondRunEndsInTheSameState() => ForEachHierarchy(async (model, _) =>
    {
        var before = model.Functions.Select(f => f.Space.State.ToArray()).ToArray();
        await new Enumerator(model, Model.Options).RunAsync();
        Assert.Equal(before, model.Functions.Select(f => f.Space.State.ToArray()));
    });

    [Fact]
    public async Task WhateverStandsInTheRegistersBeforeTheEndIsTheSame()
    {
        var random = TestSeed.Random(output);
        for (var i = 0; i < Draws; i++)
        {
            var model = new RandomHierarchy(random).Draw();
            await new Enumerator(model, Model.Options).RunAsync();
            var before = model.Functions.Select(f => f.Space.State.ToArray()).ToArray();
            foreach (var (function, _) in Reachable(model)) Scramble(function, random);
            Assert.NotEqual(before, model.Functions.Select(f => f.Space.State.ToArray()));
            await new Enumerator(model, Model.Options).RunAsync();
            Assert.Equal(before, model.Functions.Select(f => f.Space.State.ToArray()));
        }
    }

    /// <summary>Writes anything to every bit that enumeration decides about.</summary>
    private static void Scramble(ModelFunction function, Random random)
    {
        var express = function.Layout.Express.Offset;
        for (var offset = 0x10; offset < 0x34; offset += 4)
        {
            // The upper half of 0x1C is Secondary Status.
            Write(offset, offset == 0x1C && function.Bridge is not null ? 0xFFFF : uint.MaxValue);
        }
        if (function.Bridge is not null) Write(0x38, uint.MaxValue);
        if (function.Bridge is not null) Write(0x3C, 1 << 17);
        Write(express + 0x08, 0x09FF);
        Write(express + 0x28, 0x1020);
        Write(0x04, 0x0107);

        void Write(int offset, uint mask)
        {
            var at = new RegisterOffset(offset);
            var status = offset == 0x04 || offset == express + 0x08 ? 0xFFFFu : uint.MaxValue;
            function.Space.Write(at, ((function.Space.Read(at) & ~mask) | ((uint)random.NextInt64(1L << 32) & mask)) & status);
        }
    }

    [Fact]
    public async Task ErrorsThatWereThereBeforeAreStillThereAfter()
    {
        var random = TestSeed.Random(output);
        for (var i = 0; i < Draws; i++)
        {
            var model = new RandomHierarchy(random).Draw();
            foreach (var function in model.Functions)
            {
                foreach (var flag in Errors(function)) function.Space[flag] = true;
            }
            var result = await new Enumerator(model, Model.Options).RunAsync();
            foreach (var function in result.Functions.Select(f => model.Route(f.Bdf)!)) Assert.All(Errors(function), flag => Assert.True(function.Space[flag]));
        }

        static IEnumerable<Flag> Errors(ModelFunction function)
        {
            yield return function.Layout.Header.Status.DetectedParityError;
            yield return function.Layout.Express.Device.FatalErrorDetected;
            if (function.Bridge is { } bridge) yield return bridge.SecondaryStatus.ReceivedMasterAbort;
        }
    }

    [Fact]
    public Task EachHierarchyHasTheSmallestPayloadSizeOfAll() => ForEachHierarchy((_, result) =>
    {
        foreach (var top in result.RootBus)
        {
            var smallest = top.DepthFirst().Min(f => f.PciExpress!.MaxPayloadSupported);
            Assert.All(top.DepthFirst(), f => Assert.Equal(smallest, f.PciExpress!.MaxPayload));
        }
    });

    private static AddressRange[] HostWindows(bool io) => io ? [Model.Options.Io] : [Model.Options.Memory, Model.Options.PrefetchableMemory];

    private static IEnumerable<(ModelFunction Function, ModelFunction[] Above)> Reachable(ModelHierarchy model)
    {
        return model.RootBus.SelectMany(f => Walk(f, []));

        static IEnumerable<(ModelFunction, ModelFunction[])> Walk(ModelFunction function, ModelFunction[] above) => function.Below
            .Where(f => !function.HasLinkBelow || function.ForwardsAri || f.Number < 8)
            .SelectMany(f => Walk(f, [.. above, function]))
            .Prepend((function, above));
    }

    private Task ForEachHierarchy(Action<ModelHierarchy, EnumeratedHierarchy> check) => ForEachHierarchy((model, result) =>
    {
        check(model, result);
        return Task.CompletedTask;
    });

    private async Task ForEachHierarchy(Func<ModelHierarchy, EnumeratedHierarchy, Task> check)
    {
        var random = TestSeed.Random(output);
        var (functions, ari) = (0, 0);
        for (var i = 0; i < Draws; i++)
        {
            var model = new RandomHierarchy(random).Draw();
            var result = await new Enumerator(model, Model.Options).RunAsync();
            await check(model, result);
            functions += result.Functions.Count;
            ari += result.Functions.Count(f => f.PciExpress!.AriForwarding);
        }
        output.WriteLine($"{Draws} hierarchies, {functions} functions, {ari} ports with ARI forwarding");
        Assert.True(functions > 10 * Draws && ari > 0, "the draws are too poor to show anything");
    }
}
