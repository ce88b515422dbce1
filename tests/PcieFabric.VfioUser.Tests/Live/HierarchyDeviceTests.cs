using PcieFabric.Addressing;
using PcieFabric.Gateways;
using PcieFabric.RootComplexes.Enumeration;
using PcieFabric.Units;
using PcieFabric.VfioUser.Devices;
using PcieFabric.VfioUser.Live;

namespace PcieFabric.VfioUser.Tests.Live;

/// <summary>A whole hierarchy as the guest's driver finds it.</summary>
public sealed class HierarchyDeviceTests
{
    private const ulong FirstWindow = 0xC800_0000, SecondWindow = 0x20_0000_0000;

    [Fact]
    public void TheDeviceIsWhatLinuxMakesADomainOf()
    {
        using var fixture = new LiveFixture("hierarchy", AttachMode.Hierarchy);
        var device = new HierarchyDevice(fixture.Live, 0, 0);
        Assert.Equal(0x28C0_8086u, Read(device, RegionIndex.Config, 0));
        Assert.Equal(0x0104_00u, Read(device, RegionIndex.Config, 8) >> 8);
        // VMCAP, VMCONFIG and VMLOCK: all buses from zero on, no shadows of addresses.
        Assert.Equal(0u, Read(device, RegionIndex.Config, 0x40));
        Assert.Equal(0u, Read(device, RegionIndex.Config, 0x44));
        Assert.Equal(0u, Read(device, RegionIndex.Config, 0x70));
        Assert.Equal((ulong)VmdFunction.Buses << 20, device.Description[RegionIndex.Bar0].SizeBytes);
    }

    [Fact]
    public async Task WhatAGuestEnumeratesByEcamIsTheTree()
    {
        using var fixture = new LiveFixture("hierarchy", AttachMode.Hierarchy);
        var device = new HierarchyDevice(fixture.Live, 0, 0);
        device.Attached(new PlayedGuest());
        var found = await EnumerateAsync(device);

        Assert.Equal(fixture.Live.Fabric.Fabric.Ports.Count + 10, found.Functions.Count);
        Assert.Equal(10, found.Functions.Count(function => !function.IsBridge));
        Assert.Equal(2, found.Functions.Count(function => function.Identity.DeviceId == 0xB500));
        Assert.Equal(2, found.RootBus.Count);

        // The guest again, after it was reset.
        device.Reset();
        Assert.Equal(0u, Read(device, RegionIndex.Bar0, (1 << 15) + 0x18));
    }

    [Fact]
    public async Task FunctionsOfAHierarchyAreReachedByTheGuestsAddressesAndReachItsMemory()
    {
        using var fixture = new LiveFixture("hierarchy", AttachMode.Hierarchy);
        var device = new HierarchyDevice(fixture.Live, 0, 0);
        var guest = new PlayedGuest();
        device.Attached(guest);
        Place(device);
        var found = await EnumerateAsync(device);
        var function = found.Functions.First(function => function.Identity.DeviceId == 0xB500);
        var registers = function.FindBar(0)!.Range.Base;
        guest.Bytes(0x1000, 256).Fill(0x77);

        // Interrupts are messages to the guest's own controller.
        var msi = EcamOf(function.Bdf) + (ulong)function.FindCapability(0x05)!.Value;
        Write(device, RegionIndex.Bar0, msi + 4, 0xFEE0_1000);
        Write(device, RegionIndex.Bar0, msi + 8, 0);
        Write(device, RegionIndex.Bar0, msi + 12, 0x41);
        Write(device, RegionIndex.Bar0, msi, Read(device, RegionIndex.Bar0, msi) | 1 << 16);

        var offset = registers - FirstWindow;
        foreach (var (register, value) in new (int, uint)[] { (0x08, 0), (0x0C, 0x1000), (0x10, 0), (0x14, 0x2000), (0x18, 0), (0x1C, 256), (0x24, 1), (0x28, 1), (0x2C, 0), (0x04, 1 << 5) })
            Write(device, RegionIndex.Bar2, offset + (ulong)register, value);
        guest.Until(() => !guest.Messages.IsEmpty, "an interrupt");

        Assert.True(guest.Bytes(0x2000, 256).SequenceEqual(guest.Bytes(0x1000, 256)));
        Assert.Equal((0xFEE0_1000ul, 0x41u), guest.Messages.First());
    }

    [Fact]
    public async Task AnotherGuestFindsTheHierarchyAsTheFirstDid()
    {
        using var fixture = new LiveFixture("hierarchy", AttachMode.Hierarchy);
        var device = new HierarchyDevice(fixture.Live, 0, 0);
        var counts = new List<int>();
        for (var i = 0; i < 3; i++)
        {
            var guest = new PlayedGuest();
            var reset = fixture.Live.Inspect(fabric => fabric.Fabric.Engine.Now);
            device.Attached(guest);
            // The links of controllers train anew after a reset, which a slow machine may take longer to simulate than it takes.
            guest.Until(() => fixture.Live.Inspect(fabric => fabric.Fabric.Engine.Next) > reset + SimTime.FromMilliseconds(30), "an end of what the reset began");
            counts.Add((await EnumerateAsync(device)).Functions.Count);
            device.Detached(guest);
        }
        Assert.All(counts, count => Assert.Equal(counts[0], count));
    }

    private static void Place(HierarchyDevice device)
    {
        Write(device, RegionIndex.Config, 0x18, (uint)FirstWindow);
        Write(device, RegionIndex.Config, 0x20, unchecked((uint)SecondWindow));
        Write(device, RegionIndex.Config, 0x24, (uint)(SecondWindow >> 32));
    }

    private static async Task<EnumeratedHierarchy> EnumerateAsync(HierarchyDevice device) => await new Enumerator(new Ecam(device), new EnumeratorOptions
    {
        Memory = new AddressRange(FirstWindow, VmdFunction.FirstWindowBytes),
        PrefetchableMemory = new AddressRange(SecondWindow + 0x10_0000, VmdFunction.SecondWindowBytes - 0x10_0000),
        LastBus = VmdFunction.Buses - 1,
    }).RunAsync();

    private static ulong EcamOf(Bdf function) => (ulong)function.Value << 12;

    private static uint Read(HierarchyDevice device, RegionIndex region, ulong offset)
    {
        var data = new byte[4];
        device.Read(region, offset, data);
        return BitConverter.ToUInt32(data);
    }

    private static void Write(HierarchyDevice device, RegionIndex region, ulong offset, uint value) => device.Write(region, offset, BitConverter.GetBytes(value));

    private sealed class Ecam(HierarchyDevice device) : IConfigurationAccess
    {
        public ValueTask<uint> ReadAsync(Bdf function, int registerOffset) => ValueTask.FromResult(Read(device, RegionIndex.Bar0, EcamOf(function) + (ulong)registerOffset));

        public ValueTask WriteAsync(Bdf function, int registerOffset, uint value, byte byteEnables = 15)
        {
            var lane = System.Numerics.BitOperations.TrailingZeroCount(byteEnables);
            var bytes = System.Numerics.BitOperations.PopCount(byteEnables);
            device.Write(RegionIndex.Bar0, EcamOf(function) + (ulong)(registerOffset + lane), BitConverter.GetBytes(value).AsSpan(lane, bytes));
            return ValueTask.CompletedTask;
        }
    }
}
