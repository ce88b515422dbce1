using PcieFabric.EndpointFunctions.EpfTests;
using PcieFabric.VfioUser.Devices;
using PcieFabric.VfioUser.Live;
using Xunit.Abstractions;

namespace PcieFabric.VfioUser.Tests.Live;

/// <summary>A function of a live fabric as a client of vfio-user has it, without the socket.</summary>
public sealed class FunctionDeviceTests(ITestOutputHelper output)
{
    [Fact]
    public void AGuestSizesAndPlacesBarsWithoutMovingTheFabrics()
    {
        using var fixture = new LiveFixture("epf-test");
        var (device, _, driver) = fixture.Attach();
        var bar = device.Function.Found.FindBar(0)!;

        driver.WriteConfiguration(0x10, uint.MaxValue);
        Assert.Equal((uint)~(bar.Range.Size - 1), driver.ReadConfiguration(0x10) & ~15u);
        driver.WriteConfiguration(0x10, 0xD000_0000);
        Assert.Equal(0xD000_0000, driver.ReadConfiguration(0x10) & ~15u);

        driver.Write(EpfTestRegisters.Size, 0x1234_5678);
        Assert.Equal(0x1234_5678u, driver.Read(EpfTestRegisters.Size));
        Assert.Equal(0xB500_104Cu, driver.ReadConfiguration(0));
    }

    [Fact]
    public void AFunctionThatMayNotDecodeAnswersAllOnes()
    {
        using var fixture = new LiveFixture("epf-test");
        var (device, _, driver) = fixture.Attach();

        device.Write(RegionIndex.Config, 4, [0, 0]);
        Assert.Equal(uint.MaxValue, driver.Read(EpfTestRegisters.Capabilities));
        Assert.Equal(0u, driver.ReadConfiguration(4) & 0xFFFF);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(8)]
    [InlineData(3)]
    [InlineData(6000)]
    public void RegionsTakeEveryWidthAndAlignment(int bytes)
    {
        using var fixture = new LiveFixture("epf-test");
        var (device, _, _) = fixture.Attach();
        var random = TestSeed.Random(output);
        var size = (int)device.Description[RegionIndex.Bar1].SizeBytes;
        for (var i = 0; i < 20; i++)
        {
            var (offset, data, read) = ((ulong)random.Next(size - bytes), new byte[bytes], new byte[bytes]);
            random.NextBytes(data);
            device.Write(RegionIndex.Bar1, offset, data);
            device.Read(RegionIndex.Bar1, offset, read);
            Assert.Equal(data, read);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void DmaReachesTheGuestsMemorySharedOrNot(bool isAsked)
    {
        using var fixture = new LiveFixture("epf-test");
        var (_, guest, driver) = fixture.Attach(new PlayedGuest { IsAsked = isAsked });
        var random = TestSeed.Random(output);
        random.NextBytes(guest.Bytes(0x1000, 20_001));

        Assert.Equal(EpfTestStatus.CopySuccess | EpfTestStatus.IrqRaised, driver.Perform(EpfTestCommand.Copy, 0x1000, 0x10_0000, 20_001));
        Assert.True(guest.Bytes(0x1000, 20_001).SequenceEqual(guest.Bytes(0x10_0000, 20_001)));

        var checksum = Crc32(guest.Bytes(0x1000, 5000));
        Assert.True(driver.Perform(EpfTestCommand.Read, source: 0x1000, bytes: 5000, checksum: checksum).HasFlag(EpfTestStatus.ReadSuccess));
        Assert.True(driver.Perform(EpfTestCommand.Write, target: 0x20_0000, bytes: 5000).HasFlag(EpfTestStatus.WriteSuccess));
        Assert.Equal(driver.Read(EpfTestRegisters.Checksum), Crc32(guest.Bytes(0x20_0000, 5000)));
        Assert.Equal(0, fixture.Live.Inspect(fabric => fabric.Gateways[0].ReadsUnderWay));
    }

    [Fact]
    public void DmaToWhatIsNotMappedIsUnsupportedAndCounted()
    {
        using var fixture = new LiveFixture("epf-test");
        var (_, _, driver) = fixture.Attach();

        Assert.False(driver.Perform(EpfTestCommand.Read, source: 0x8000_0000, bytes: 64).HasFlag(EpfTestStatus.ReadSuccess));
        Assert.True(fixture.Live.Inspect(fabric => fabric.Gateways[0].Counters.Faults) > 0);
        Assert.True(fixture.Live.Inspect(fabric => fabric.Fabric.Hosts["host0"].Counters.UnsupportedRequests) > 0);
    }

    [Theory]
    [InlineData(InterruptIndex.Msi, 1, 32)]
    [InlineData(InterruptIndex.MsiX, 1, 2048)]
    public void MessagesGoToTheVectorThatTheClientNamed(InterruptIndex index, int first, int last)
    {
        using var fixture = new LiveFixture("epf-test");
        var (device, guest, driver) = fixture.Attach();
        Assert.Equal(last, device.Description.Vectors(index));

        device.InterruptsChanged(index, InterruptChange.Enabled, 0, last);
        var command = index == InterruptIndex.Msi ? EpfTestCommand.RaiseMsi : EpfTestCommand.RaiseMsiX;
        foreach (var number in new[] { first, 2, 17, last })
            driver.Perform(command, irqType: index == InterruptIndex.Msi ? TestFunctionDriver.Msi : TestFunctionDriver.MsiX, irqNumber: (uint)number);
        guest.Until(() => guest.Interrupts.Count == 4, "four interrupts");
        Assert.Equal([(index, first - 1), (index, 1), (index, 16), (index, last - 1)], guest.Interrupts);
    }

    [Fact]
    public void ALineHasALevelThatTheGuestMasks()
    {
        using var fixture = new LiveFixture("eight-functions");
        var pair = fixture.Live.Functions.ToList();
        Assert.Equal(8, pair.Count);
        var (device, guest, driver) = fixture.Attach(place: 5);
        var (other, silent, _) = fixture.Attach(place: 6);
        device.InterruptsChanged(InterruptIndex.Intx, InterruptChange.Enabled, 0, 1);
        other.InterruptsChanged(InterruptIndex.Intx, InterruptChange.Enabled, 0, 1);

        driver.Perform(EpfTestCommand.RaiseIntx, irqType: TestFunctionDriver.Intx, irqNumber: 0);
        guest.Until(() => !guest.Interrupts.IsEmpty, "an interrupt");
        device.InterruptsChanged(InterruptIndex.Intx, InterruptChange.Unmasked, 0, 1);
        driver.Perform(EpfTestCommand.RaiseIntx, irqType: TestFunctionDriver.Intx, irqNumber: 0);
        guest.Until(() => guest.Interrupts.Count >= 2, "another");
        Assert.All(guest.Interrupts, interrupt => Assert.Equal((InterruptIndex.Intx, 0), interrupt));
        Assert.Empty(silent.Interrupts);
    }

    [Fact]
    public void AResetForgetsTheGuestsRegistersAndKeepsTheFabrics()
    {
        using var fixture = new LiveFixture("epf-test");
        var (device, _, driver) = fixture.Attach();

        device.Reset();
        Assert.Equal(0u, driver.ReadConfiguration(4) & 0xFFFF);
        Assert.Equal(0u, driver.ReadConfiguration(0x10) & ~15u);
        driver.Enable();
        Assert.NotEqual(uint.MaxValue, driver.Read(EpfTestRegisters.Capabilities));
        Assert.True(driver.Perform(EpfTestCommand.Copy, 0x1000, 0x2000, 256).HasFlag(EpfTestStatus.CopySuccess));
    }

    /// <summary>A guest makes millions of accesses.</summary>
    [Fact]
    public void AnAccessToARegisterAllocatesNothing()
    {
        const int Scratch = 0x3C;
        using var fixture = new LiveFixture("epf-test");
        var (device, _, _) = fixture.Attach();
        var data = new byte[4];

        var bytes = Allocation.Of(() =>
        {
            for (var i = 0; i < 100; i++)
            {
                device.Write(RegionIndex.Bar0, EpfTestRegisters.Size, data);
                device.Read(RegionIndex.Bar0, EpfTestRegisters.Size, data);
                device.Read(RegionIndex.Config, Scratch, data);
                device.Write(RegionIndex.Config, Scratch, data);
            }
        });
        Assert.Equal(0, bytes);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AGuestMayLeaveInTheMiddleOfDmaAndComeBackFiftyTimes(bool isAsked)
    {
        using var fixture = new LiveFixture("epf-test");
        var device = fixture.Device();
        var random = TestSeed.Random(output);
        for (var i = 0; i < 50; i++)
        {
            var guest = new PlayedGuest { IsAsked = isAsked };
            device.Attached(guest);
            var driver = new TestFunctionDriver(device, guest);
            driver.Enable();
            driver.Begin(EpfTestCommand.Copy, 0x1000, 0x10_0000, 1 << 16);
            Thread.Sleep(random.Next(4));
            device.Detached(guest);
            Assert.False(device.IsAttached);
        }
        var (last, end) = (new PlayedGuest(), new TestFunctionDriver(device, new PlayedGuest()));
        device.Attached(last);
        end.Enable();
        last.Until(() => end.Read(EpfTestRegisters.Command) == 0, "an end of the last command");
        Assert.True(end.Perform(EpfTestCommand.Copy, 0x1000, 0x2000, 4096).HasFlag(EpfTestStatus.CopySuccess));
        Assert.Equal(0, fixture.Live.Inspect(fabric => fabric.Gateways[0].ReadsUnderWay));
        Assert.Equal(0, fixture.Live.Inspect(fabric => fabric.Fabric.BoundFunctions.Values.Sum(software => software.RequestsOutstanding)));
    }

    [Fact]
    public void FunctionsOfOneMachineReachEachOtherAndThoseOfOthersDoNot()
    {
        using var fixture = new LiveFixture("eight-functions");
        var (_, guest, driver) = fixture.Attach(new PlayedGuest { Machine = 1 }, place: 0, address: 0xC000_0000);
        var (peer, _, peerDriver) = fixture.Attach(new PlayedGuest { Machine = 1 }, place: 5, address: 0xC100_0000);
        fixture.Attach(new PlayedGuest { Machine = 2 }, place: 6, address: 0xC200_0000);
        peer.Write(RegionIndex.Config, 0x14, BitConverter.GetBytes(0xC110_0000));
        peerDriver.Enable(0xC100_0000);
        guest.Bytes(0x1000, 512).Fill(0xA5);

        Assert.True(driver.Perform(EpfTestCommand.Copy, 0x1000, 0xC110_0000, 512).HasFlag(EpfTestStatus.CopySuccess));
        var read = new byte[512];
        peer.Read(RegionIndex.Bar1, 0, read);
        Assert.All(read, one => Assert.Equal(0xA5, one));

        var faults = fixture.Live.Inspect(fabric => fabric.Gateways[0].Counters.Faults);
        driver.Perform(EpfTestCommand.Copy, 0x1000, 0xC200_0000, 64);
        Assert.True(fixture.Live.Inspect(fabric => fabric.Gateways[0].Counters.Faults) > faults);
    }

    private static uint Crc32(ReadOnlySpan<byte> data)
    {
        var crc = uint.MaxValue;
        foreach (var one in data)
        {
            crc ^= one;
            for (var bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (0xEDB88320 & (0 - (crc & 1)));
        }
        return crc;
    }
}
