using PcieFabric.ConfigSpaces;
using Xunit.Abstractions;

namespace PcieFabric.Fabric.Tests.ConfigSpaces;

public class RegisterAccessTests(ITestOutputHelper output)
{
    private const int Layouts = 60;
    private const int StepsPerLayout = 400;

    [Fact]
    public void EveryBitOfRandomLayoutsBehavesAsItsAccessSays()
    {
        var random = TestSeed.Random(output);
        for (var i = 0; i < Layouts; i++) Exercise(random);
    }

    [Fact]
    public void ByteEnablesChooseWhatAWriteReaches()
    {
        var capability = new OneRegister(Access.ReadWrite);
        var space = Space(capability);
        space.Write(new(0x104), 0xFFFFFFFF);
        space.Write(new(0x104), MaskedDword.Byte(1, 0x12));
        space.Write(new(0x104), MaskedDword.Word(2, 0x3456));
        Assert.Equal(0x345612FFu, space.Read(new(0x104)));
    }

    [Fact]
    public void AWriteReportsTheConcernsOfRegistersThatItChangedAndOfNoOthers()
    {
        var layout = Endpoints.Minimal();
        var space = new ConfigSpace(layout);
        Assert.Equal(Concerns.Command, space.Write(new(0x04), 0x6).Concerns);
        Assert.Equal(Concerns.None, space.Write(new(0x04), 0x6).Concerns);
        space[layout.Header.Status.ReceivedMasterAbort] = true;
        // Status shares the DW with Command, and is not its concern.
        Assert.Equal(Concerns.None, space.Write(new(0x04), MaskedDword.Word(2, 0x2000)).Concerns);
        Assert.False(space[layout.Header.Status.ReceivedMasterAbort]);
        Assert.Equal(Concerns.Bar, space.Write(new(0x10), 0xFE000000).Concerns);
        Assert.Equal(Concerns.None, space.Write(new(0xFF0), 0xFFFFFFFF).Concerns);
    }

    [Fact]
    public void WhatAllFunctionsOfALayoutShareCannotBeSet()
    {
        var layout = Endpoints.Minimal();
        var space = new ConfigSpace(layout);
        Assert.Throws<InvalidOperationException>(() => space[layout.Header.Status.CapabilitiesList] = false);
    }

    [Fact]
    public void AFieldOfAnotherLayoutIsRefused()
    {
        var space = new ConfigSpace(Endpoints.Minimal());
        Assert.Throws<InvalidOperationException>(() => space[Endpoints.Minimal().Header.Command.BusMasterEnable]);
    }

    [Fact]
    public void BitsDeclaredTwiceAreRefused() =>
        Assert.Throws<InvalidOperationException>(() => new OneRegister(Access.ReadWrite).Register.Flag(3, "Again", Access.ReadWrite));

    [Fact]
    public void ReadsWritesAndResetsAllocateNothing()
    {
        var layout = Endpoints.Everything();
        var space = new ConfigSpace(layout);
        Assert.Equal(0, Allocation.Of(Touch));

        void Touch()
        {
            for (var at = 0; at < Limits.ConfigSpaceBytes; at += 4)
            {
                space.Write(new(at), 0xFFFFFFFF);
                space.Read(new(at));
            }
            new BarDecoder(space).TryFind(0x1000, false, out _, out _);
            space.Reset(ResetKind.Conventional);
        }
    }

    [Fact]
    public void AFunctionWithEveryCapabilityTakesLessThanHalfAKibibyte()
    {
        var layout = Endpoints.Everything();
        ConfigSpace? space = null;
        var taken = Allocation.Of(() => space = new ConfigSpace(layout));
        output.WriteLine($"{taken} bytes in {layout.Slots} DWs");
        Assert.InRange(taken, 1, 512);
        GC.KeepAlive(space);
    }

    private static void Exercise(Random random)
    {
        var capability = new RandomCapability(random, 1 + random.Next(24));
        var space = Space(capability);
        var values = new Dictionary<int, bool>();
        foreach (var (bit, model) in capability.Bits) values[bit] = model.Reset;
        var dwords = (capability.Bits.Keys.DefaultIfEmpty(0).Max() >> 5) + 2;
        for (var step = 0; step < StepsPerLayout; step++)
        {
            switch (random.Next(8))
            {
                case 0:
                    var kind = (ResetKind)random.Next(3);
                    space.Reset(kind);
                    foreach (var (bit, model) in capability.Bits)
                        if (model.Survives is not { } survives || survives < kind) values[bit] = model.Reset;
                    break;
                case 1 or 2 when capability.Fields.Count > 0:
                    SetByHardware(random, capability, space, values);
                    break;
                default:
                    Write(random, capability, space, values, 1 + random.Next(dwords - 1));
                    break;
            }
            for (var dword = 1; dword < dwords; dword++) Assert.Equal(Expected(values, dword), space.Read(new(0x100 + 4 * dword)));
        }
    }

    private static void SetByHardware(Random random, RandomCapability capability, ConfigSpace space, Dictionary<int, bool> values)
    {
        var field = capability.Fields[random.Next(capability.Fields.Count)];
        if (field.Access is Access.ReadOnly or Access.Trigger) return;
        var value = random.NextDword() & field.WidthMask;
        space[field] = value;
        Assert.Equal(value, space[field]);
        for (var bit = field.Low; bit <= field.High; bit++) values[field.Register.Offset * 8 + bit] = (value >> (bit - field.Low) & 1) != 0;
    }

    private static void Write(Random random, RandomCapability capability, ConfigSpace space, Dictionary<int, bool> values, int dword)
    {
        var (value, enables) = (random.NextDword(), random.Next(16));
        var before = Expected(values, dword);
        var triggered = 0u;
        for (var bit = 0; bit < 32; bit++)
        {
            if ((enables >> (bit / 8) & 1) == 0 || !capability.Bits.TryGetValue(dword * 32 + bit, out var model)) continue;
            var one = (value >> bit & 1) != 0;
            if (model.Access is Access.ReadWrite or Access.ReadWriteSticky) values[dword * 32 + bit] = one;
            if (model.Access is Access.WriteOneToClear or Access.WriteOneToClearSticky && one) values[dword * 32 + bit] = false;
            if (model.Access == Access.Trigger && one) triggered |= 1u << bit;
        }
        var effect = space.Write(new(0x100 + 4 * dword), new MaskedDword(value, enables));
        Assert.Equal(before ^ Expected(values, dword), effect.Changed);
        Assert.Equal(triggered, effect.Triggered);
        Assert.Equal((effect.Changed | triggered) != 0, effect.Has(Concerns.Slot));
    }

    private static uint Expected(Dictionary<int, bool> values, int dword)
    {
        var expected = 0u;
        for (var bit = 0; bit < 32; bit++)
            if (values.TryGetValue(dword * 32 + bit, out var set) && set) expected |= 1u << bit;
        return expected;
    }

    private static ConfigSpace Space(Capability capability) =>
        new(new ConfigSpaceLayout(new Type0Header(Endpoints.Nvme, []), [capability]));

    private sealed class OneRegister : ExtendedCapability
    {
        public OneRegister(Access access)
            : base("One", RandomCapability.Id0, 1)
        {
            Register = Dword(0x04, "Register");
            Register.Whole(access);
        }

        public Register Register { get; }
    }
}
