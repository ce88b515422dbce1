using PcieFabric.DmaEngines;
using PcieFabric.Units;
using Xunit.Abstractions;

namespace PcieFabric.Actors.Tests.DmaEngines;

/// <summary>Whatever goes wrong, the channel says why, gives everything back, and works again.</summary>
public sealed class EmbeddedDmaFaultTests(ITestOutputHelper output)
{
    private const int Seeds = 50, ListsAt = 0x8_0000;

    public enum Fault
    {
        UnsupportedRequest,
        CompleterAbort,
        Poisoned,
        Timeout,
        Refused,
        FunctionReset,
        Stop,
        Disable,
        LocalAddress,
        ListOutsideMemory,
        ListPointerMisaligned,
    }

    public static TheoryData<Fault, bool> Faults()
    {
        var data = new TheoryData<Fault, bool>();
        foreach (var fault in Enum.GetValues<Fault>())
            foreach (var write in new[] { false, true })
                // Posted writes have no answer that could say so.
                if (!write || fault is not (Fault.UnsupportedRequest or Fault.CompleterAbort or Fault.Poisoned or Fault.Timeout))
                    data.Add(fault, write);
        return data;
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public void AFaultAbortsTheChannelThatMetItAndOnlyThat(Fault fault, bool write)
    {
        var seed = TestSeed.Of(output);
        for (var i = 0; i < Seeds; i++) RunOne(new Random(seed + i), fault, write);
    }

    private static void RunOne(Random random, Fault fault, bool write)
    {
        const int size = 20_000;
        using var rig = new DmaRig(tagBits: (byte)(random.Next(2) == 0 ? 5 : 8));
        rig.Enable();
        random.NextBytes(rig.Bus.Memory.AsSpan(0, 0x1_8000));
        random.NextBytes(rig.Local.Span(0, 0x1_8000));
        var (registers, other) = write ? (EmbeddedDmaRegisters.Write, EmbeddedDmaRegisters.Read) : (EmbeddedDmaRegisters.Read, EmbeddedDmaRegisters.Write);
        var victim = random.Next(2);
        var usesList = fault is Fault.ListOutsideMemory or Fault.ListPointerMisaligned || random.Next(2) == 0;
        var met = Inflict(rig, random, fault, registers, victim);

        // A channel of the other direction that has nothing to do with it.
        rig.Start(other, 1, other.IsWrite ? 0x4_0000ul : RigBus.Base + 0x4_0000, other.IsWrite ? RigBus.Base + 0x4_0000 : 0x4_0000, 4000);
        Begin(rig, random, fault, registers, victim, size, usesList);
        met();
        // Requests of a piece that are never answered wait fifty milliseconds, four at a time where tags are few.
        rig.RunUntilIdle(mostMilliseconds: 2000);

        Assert.Equal((0x1_0000u << victim, 2u), (rig.Read(registers.InterruptStatus), rig.Read(other.InterruptStatus)));
        Assert.Equal(ExpectedErrors(fault, write, victim), (rig.Read(registers.ErrorStatus), write ? 0 : rig.Read(registers.ErrorStatus + 4)));
        Assert.Equal(fault is Fault.Stop or Fault.Disable ? EmbeddedDmaStatus.Stopped : EmbeddedDmaStatus.Halted, rig.StatusOf(registers, victim));
        Assert.Equal(2, rig.Bus.Interrupts.Count);
        rig.AssertNothingLeaks();

        rig.Write(registers.InterruptClear, 0x00FF_00FF);
        Assert.Equal((0u, 0u, 0u), (rig.Read(registers.InterruptStatus), rig.Read(registers.ErrorStatus), write ? 0 : rig.Read(registers.ErrorStatus + 4)));
        rig.Bus.Answer = _ => RigAnswer.Success;
        rig.Bus.Do(bus => bus.TellState(0, wasReset: false));
        rig.Enable();
        var (from, to) = (random.Next(0x1_0000), random.Next(0x1_0000));
        rig.Start(registers, victim, write ? (ulong)from : RigBus.Base + (ulong)from, write ? RigBus.Base + (ulong)to : (ulong)to, size);
        rig.RunUntilIdle();
        Assert.Equal(1u << victim, rig.Read(registers.InterruptStatus));
        Assert.True(rig.Local.Span(write ? from : to, size).SequenceEqual(rig.Bus.Memory.AsSpan(write ? to : from, size)));
        rig.AssertNothingLeaks();
    }

    /// <summary>Prepares the fault.</summary>
    /// <returns>What makes it happen once the transfer is under way.</returns>
    private static Action Inflict(DmaRig rig, Random random, Fault fault, EmbeddedDmaRegisters registers, int victim)
    {
        var channel = registers.IsWrite ? victim : victim + 2;
        var requests = random.Next(1, 30);
        var answer = fault switch
        {
            Fault.UnsupportedRequest => RigAnswer.UnsupportedRequest,
            Fault.CompleterAbort => RigAnswer.CompleterAbort,
            Fault.Poisoned => RigAnswer.Poisoned,
            Fault.Timeout => RigAnswer.Silence,
            Fault.Refused => RigAnswer.Refused,
            _ => RigAnswer.Success,
        };
        // One request, or all from some time on.
        var isLasting = random.Next(2) == 0;
        rig.Bus.Answer = request =>
        {
            if (rig.Bus.Requests[^1].Channel != channel) return RigAnswer.Success;
            requests--;
            return requests == 0 || (requests < 0 && isLasting) ? answer : RigAnswer.Success;
        };
        var after = SimTime.FromNanoseconds(random.Next(100, 3000));
        return fault switch
        {
            Fault.FunctionReset => () =>
            {
                rig.Run(after);
                rig.Bus.Do(bus => bus.TellState(0, wasReset: true));
            },
            Fault.Stop => () =>
            {
                rig.Run(after);
                rig.Write(registers.Doorbell, EmbeddedDmaRegisters.DoorbellStop | (uint)victim);
            },
            Fault.Disable => () =>
            {
                rig.Run(after);
                rig.Write(registers.EngineEnable, 0);
            },
            _ => () => { },
        };
    }

    private static void Begin(DmaRig rig, Random random, Fault fault, EmbeddedDmaRegisters registers, int victim, int size, bool usesList)
    {
        // Those that come from outside must find the channel at work: for them it has more to do.
        var count = fault is Fault.Stop or Fault.Disable or Fault.FunctionReset ? 20 : 1;
        var (local, bus) = ((ulong)random.Next(0x1_0000), RigBus.Base + (ulong)random.Next(0x1_0000));
        if (fault == Fault.FunctionReset) rig.RunUntilIdle();
        if (fault == Fault.LocalAddress) local = random.Next(2) == 0 ? DmaRig.LocalBytes - (ulong)size / 2 : 1ul << 41;
        var (from, to) = registers.IsWrite ? (local, bus) : (bus, local);
        if (!usesList && count == 1)
        {
            rig.Start(registers, victim, from, to, (uint)size);
            return;
        }
        rig.PutList(ListsAt, [.. Enumerable.Repeat(LinkedListElement.Data((uint)size, from, to, cycle: true), count)]);
        var list = fault switch
        {
            Fault.ListOutsideMemory => DmaRig.LocalBytes - 8ul,
            Fault.ListPointerMisaligned => ListsAt + 2ul,
            _ => (ulong)ListsAt,
        };
        rig.StartList(registers, victim, list);
    }

    private static (uint Low, uint High) ExpectedErrors(Fault fault, bool write, int channel)
    {
        var bit = 1u << channel;
        return fault switch
        {
            Fault.LocalAddress => (bit, 0u),
            Fault.ListOutsideMemory or Fault.ListPointerMisaligned => (bit << 16, 0u),
            Fault.UnsupportedRequest => (0u, bit),
            Fault.Refused => (0u, write ? 0u : bit),
            Fault.CompleterAbort => (0u, bit << 8),
            Fault.Timeout => (0u, bit << 16),
            Fault.FunctionReset => (0u, write ? 0u : bit << 16),
            Fault.Poisoned => (0u, bit << 24),
            _ => (0u, 0u),
        };
    }
}
