using PcieFabric.DmaEngines;
using PcieFabric.LocalDevices;
using PcieFabric.Units;

namespace PcieFabric.Actors.Tests.DmaEngines;

/// <summary>The registers of the eDMA, as its published layout has them.</summary>
public sealed class EmbeddedDmaRegisterTests
{
    /// <summary>Offsets of <c>struct dw_edma_v0_regs</c>, written out.</summary>
    [Fact]
    public void RegistersAreWhereTheKernelLooksForThem()
    {
        var (write, read) = (EmbeddedDmaRegisters.Write, EmbeddedDmaRegisters.Read);
        Assert.Equal("c 10 18 4c 54 58 5c 60 68 70 90", Offsets(write));
        Assert.Equal("2c 30 38 a0 a8 ac b4 cc d4 dc c4", Offsets(read));
        Assert.Equal((0x200u, 0x300u, 0x1000u, 0x1100u), (write.ChannelOffset(0), read.ChannelOffset(0), write.ChannelOffset(7), read.ChannelOffset(7)));
        Assert.Equal(0x1200u, EmbeddedDmaRegisters.Bytes);

        static string Offsets(EmbeddedDmaRegisters r) => string.Join(' ', new[]
        {
            r.EngineEnable, r.Doorbell, r.Weights, r.InterruptStatus, r.InterruptMask, r.InterruptClear, r.ErrorStatus, r.DoneMessage, r.AbortMessage, r.MessageData, r.ListErrorEnable,
        }.Select(offset => $"{offset:x}"));
    }

    [Fact]
    public void EveryRegisterKeepsWhatItIsToKeepAndNothingElse()
    {
        using var rig = new DmaRig(writeChannels: 3, readChannels: 8);
        Assert.Equal(0x0008_0003u, rig.Read(EmbeddedDmaRegisters.Control));
        foreach (var (registers, channels) in new[] { (EmbeddedDmaRegisters.Write, 0x0007_0007u), (EmbeddedDmaRegisters.Read, 0x00FF_00FFu) })
        {
            Assert.Equal((0x8421u, 0x8421u), (rig.Read(registers.Weights), rig.Read(registers.Weights + 4)));
            Assert.Equal(channels, rig.Read(registers.InterruptMask));
            foreach (var offset in new[] { registers.Weights, registers.Weights + 4, registers.DoneMessage, registers.DoneMessage + 4, registers.AbortMessage, registers.AbortMessage + 4, registers.MessageData, registers.MessageData + 12 })
                AssertKeeps(rig, offset, 0xFFFF_FFFF, 0xFFFF_FFFF);
            AssertKeeps(rig, registers.InterruptMask, 0xFFFF_FFFF, channels);
            AssertKeeps(rig, registers.ListErrorEnable, 0xFFFF_FFFF, channels);
            AssertKeeps(rig, registers.EngineEnable, 0xFFFF_FFFF, 1);
            AssertKeeps(rig, registers.ErrorStatus, 0xFFFF_FFFF, 0);
            AssertKeeps(rig, registers.InterruptClear, 0xFFFF_FFFF, 0);
            for (var i = 0u; i < EmbeddedDmaRegisters.ChannelBytes; i += 4)
                AssertKeeps(rig, registers.ChannelOffset(2) + i, 0xFFFF_FFFF, i == 0 ? ~(uint)EmbeddedDmaControl.Status : 0xFFFF_FFFF);
        }
        // There are three write channels.
        AssertKeeps(rig, EmbeddedDmaRegisters.Write.ChannelOffset(3), 0xFFFF_FFFF, 0);
        AssertKeeps(rig, EmbeddedDmaRegisters.Write.ChannelOffset(0) + EmbeddedDmaRegisters.ChannelBytes, 0xFFFF_FFFF, 0);
        AssertKeeps(rig, 0x0F0, 0xFFFF_FFFF, 0);
        AssertKeeps(rig, 0x8_0000, 0xFFFF_FFFF, 0);
        rig.AssertNothingLeaks();
    }

    [Fact]
    public void ATransferIsStartedByTheDoorbellAndTellsItsEnd()
    {
        using var rig = new DmaRig();
        rig.Enable();
        new Random(1).NextBytes(rig.Bus.Memory);
        rig.Start(EmbeddedDmaRegisters.Read, 1, RigBus.Base + 3, 0x1001, 5000);
        Assert.Equal(EmbeddedDmaStatus.Running, rig.StatusOf(EmbeddedDmaRegisters.Read, 1));
        rig.RunUntilIdle();
        Assert.Equal(EmbeddedDmaStatus.Stopped, rig.StatusOf(EmbeddedDmaRegisters.Read, 1));
        Assert.Equal(0x2u, rig.Read(EmbeddedDmaRegisters.Read.InterruptStatus));
        Assert.Equal([(0, DmaEngine.StatusInterrupt)], rig.Bus.Interrupts);
        Assert.True(rig.Bus.Memory.AsSpan(3, 5000).SequenceEqual(rig.Local.Span(0x1001, 5000)));
        rig.Write(EmbeddedDmaRegisters.Read.InterruptClear, 0x2);
        Assert.Equal(0u, rig.Read(EmbeddedDmaRegisters.Read.InterruptStatus));
        rig.AssertNothingLeaks();
    }

    [Fact]
    public void AMaskedEndIsToldWhenItIsUnmaskedAndOneWithoutInterruptNever()
    {
        using var rig = new DmaRig();
        rig.Enable();
        rig.Write(EmbeddedDmaRegisters.Write.InterruptMask, 1);
        rig.Start(EmbeddedDmaRegisters.Write, 0, 0, RigBus.Base, 64);
        rig.Start(EmbeddedDmaRegisters.Write, 1, 0, RigBus.Base, 64, EmbeddedDmaControl.None);
        rig.RunUntilIdle();
        Assert.Empty(rig.Bus.Interrupts);
        Assert.Equal(1u, rig.Read(EmbeddedDmaRegisters.Write.InterruptStatus));
        rig.Write(EmbeddedDmaRegisters.Write.InterruptMask, 0);
        Assert.Equal([(0, DmaEngine.StatusInterrupt)], rig.Bus.Interrupts);
    }

    [Fact]
    public void TheHostIsToldByAMessageBehindTheData()
    {
        using var rig = new DmaRig();
        rig.Enable();
        rig.Write(EmbeddedDmaRegisters.Write.DoneMessage, 0xFEE0_1000, 0x1);
        rig.Write(EmbeddedDmaRegisters.Write.MessageData, 0xBEEF_1234);
        rig.Start(EmbeddedDmaRegisters.Write, 1, 0x40, RigBus.Base, 1000, EmbeddedDmaControl.RemoteInterrupt);
        rig.RunUntilIdle();
        Assert.Equal([(0x1_FEE0_1000ul, 0xBEEFu)], rig.Bus.Messages);
        Assert.Equal(5, rig.Bus.Requests.Count);
        Assert.Equal(2u, rig.Read(EmbeddedDmaRegisters.Write.InterruptStatus));
        rig.AssertNothingLeaks();
    }

    [Fact]
    public void DoorbellsOfWhatIsNotThereOrNotEnabledAreIgnoredAndCounted()
    {
        using var rig = new DmaRig();
        rig.Start(EmbeddedDmaRegisters.Write, 0, 0, RigBus.Base, 64);
        rig.Enable();
        rig.Write(EmbeddedDmaRegisters.Write.Doorbell, 7);
        rig.Write(EmbeddedDmaRegisters.Read.Doorbell, EmbeddedDmaRegisters.DoorbellStop | 5);
        rig.Run(SimTime.FromMilliseconds(1));
        Assert.Equal(3, rig.Dma.Counters.IgnoredDoorbells);
        Assert.Empty(rig.Bus.Requests);
    }

    /// <summary>Linux's embedded doorbell: any value written to a status register interrupts the endpoint, and starts nothing.</summary>
    [Theory]
    [InlineData(0x4C, 0x58)]
    [InlineData(0xA0, 0xAC)]
    public void AWriteToAStatusRegisterEmulatesAnInterruptOfTheFunctionWhoseBarItCameBy(uint status, uint clear)
    {
        using var rig = new DmaRig(functions: 3);
        var (one, two) = (new LocalAccess(LocalSource.Bar, 1, status), new LocalAccess(LocalSource.Bar, 2, status));
        rig.WriteAs(one, 0xDEAD_BEEF);
        rig.WriteAs(one, 0);
        rig.WriteAs(two, 0);
        Assert.Equal([(1, EmbeddedDma.EmulatedInterrupt), (2, EmbeddedDma.EmulatedInterrupt)], rig.Bus.Interrupts);
        Assert.Equal(0u, rig.Read(status));
        // The line of function 1 goes down, and can be raised again; that of function 2 stays up.
        rig.WriteAs(new LocalAccess(LocalSource.Processor, 1, clear), 0);
        rig.WriteAs(one, 1);
        rig.WriteAs(two, 1);
        Assert.Equal(3, rig.Bus.Interrupts.Count);
        Assert.Equal((1, EmbeddedDma.EmulatedInterrupt), rig.Bus.Interrupts[2]);
        Assert.Equal(5, rig.Dma.Counters.EmulatedInterrupts);
        Assert.Empty(rig.Bus.Requests);
    }

    private static void AssertKeeps(DmaRig rig, uint offset, uint written, uint kept)
    {
        rig.Write(offset, written);
        Assert.Equal($"0x{offset:x}: {kept:x}", $"0x{offset:x}: {rig.Read(offset):x}");
    }
}
