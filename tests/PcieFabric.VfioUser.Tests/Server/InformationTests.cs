using System.Runtime.InteropServices;
using PcieFabric.Memory;
using PcieFabric.VfioUser.Devices;
using PcieFabric.VfioUser.Interop;
using PcieFabric.VfioUser.Protocol;

namespace PcieFabric.VfioUser.Tests.Server;

public class InformationTests
{
    [Fact]
    public void TheFunctionIsAPciFunctionWithNineRegionsAndFiveKindsOfInterrupts()
    {
        using var served = new Served();
        using var client = served.Connect();

        Assert.Equal(Errno.None, client.Request(Command.DeviceGetInfo, Messages.Bytes(new DeviceInfoPayload(16, 0, 0, 0)), out var reply));
        Assert.Equal(new DeviceInfoPayload(16, DeviceInfoPayload.CanReset | DeviceInfoPayload.IsPci, 9, 5), MemoryMarshal.Read<DeviceInfoPayload>(reply));
        Assert.Equal(16, reply.Length);
    }

    [Theory]
    [InlineData(RegionIndex.Bar0, 0x2000, RegionInfoPayload.Readable | RegionInfoPayload.Writable)]
    [InlineData(RegionIndex.Bar1, 0, 0)]
    [InlineData(RegionIndex.Bar2, 16, RegionInfoPayload.Readable)]
    [InlineData(RegionIndex.Config, 4096, RegionInfoPayload.Readable | RegionInfoPayload.Writable)]
    [InlineData(RegionIndex.Vga, 0, 0)]
    public void EachRegionTellsItsSizeAndFlags(RegionIndex index, ulong size, uint flags)
    {
        using var served = new Served();
        using var client = served.Connect();

        Assert.Equal(Errno.None, client.Request(Command.DeviceGetRegionInfo, Messages.Bytes(new RegionInfoPayload(32, 0, (uint)index, 0, 0, 0)), out var reply));
        Assert.Equal(new RegionInfoPayload(32, flags, (uint)index, 0, size, 0), MemoryMarshal.Read<RegionInfoPayload>(reply));
    }

    [Theory]
    [InlineData(InterruptIndex.Intx, 1, IrqInfoPayload.ByEvent | IrqInfoPayload.Maskable | IrqInfoPayload.MasksItself)]
    [InlineData(InterruptIndex.MsiX, 40, IrqInfoPayload.ByEvent)]
    [InlineData(InterruptIndex.Error, 0, IrqInfoPayload.ByEvent)]
    public void EachKindOfInterruptTellsItsVectors(InterruptIndex index, uint count, uint flags)
    {
        using var served = new Served();
        using var client = served.Connect();

        Assert.Equal(Errno.None, client.Request(Command.DeviceGetIrqInfo, Messages.Bytes(new IrqInfoPayload(16, 0, (uint)index, 0)), out var reply));
        Assert.Equal(new IrqInfoPayload(16, flags, (uint)index, count), MemoryMarshal.Read<IrqInfoPayload>(reply));
    }

    [Fact]
    public void WhatDoesNotExistOrDoesNotFitIsRefused()
    {
        using var served = new Served();
        using var client = served.Connect();

        Assert.Equal(Errno.EINVAL, client.Request(Command.DeviceGetRegionInfo, Messages.Bytes(new RegionInfoPayload(32, 0, 9, 0, 0, 0)), out _));
        Assert.Equal(Errno.EINVAL, client.Request(Command.DeviceGetRegionInfo, Messages.Bytes(new RegionInfoPayload(31, 0, 0, 0, 0, 0)), out _));
        Assert.Equal(Errno.EINVAL, client.Request(Command.DeviceGetIrqInfo, Messages.Bytes(new IrqInfoPayload(16, 0, 5, 0)), out _));
        Assert.Equal(Errno.EINVAL, client.Request(Command.DeviceGetIrqInfo, Messages.Bytes(new IrqInfoPayload(15, 0, 0, 0)), out _));
        Assert.Equal(Errno.EINVAL, client.Request(Command.DeviceGetInfo, Messages.Bytes(new DeviceInfoPayload(15, 0, 0, 0)), out _));
        Assert.Equal(Errno.EINVAL, client.Request(Command.DeviceGetInfo, new byte[15], out _));
    }

    [Fact]
    public void AreasToMapComeAsACapabilityWithTheFileWhereThereIsRoom()
    {
        using var memory = new SharedMemory("bar", 0x4000);
        using var file = new Descriptor(memory.FileDescriptor, owned: false);
        using var served = new Served(description: new DeviceDescription(256)
        {
            [RegionIndex.Bar0] = new RegionDescription(0x4000) { Mapping = new RegionMapping(file, 0x1000, [(0, 0x1000), (0x2000, 0x2000)]) },
        });
        using var client = served.Connect();

        Assert.Equal(Errno.None, client.Request(Command.DeviceGetRegionInfo, Messages.Bytes(new RegionInfoPayload(32, 0, 0, 0, 0, 0)), out var small));
        const uint Flags = RegionInfoPayload.Readable | RegionInfoPayload.Writable | RegionInfoPayload.Mappable;
        Assert.Equal(new RegionInfoPayload(80, Flags, 0, 0, 0x4000, 0x1000), MemoryMarshal.Read<RegionInfoPayload>(small));
        Assert.Equal(32, small.Length);
        Assert.Single(client.Received).Dispose();

        Assert.Equal(Errno.None, client.Request(Command.DeviceGetRegionInfo, Messages.Bytes(new RegionInfoPayload(80, 0, 0, 0, 0, 0)), out var full));
        Assert.Equal(new RegionInfoPayload(80, Flags | RegionInfoPayload.HasCapabilities, 0, 32, 0x4000, 0x1000), MemoryMarshal.Read<RegionInfoPayload>(full));
        Assert.Equal(new SparseMapPayload(1, 1, 0, 2, 0), MemoryMarshal.Read<SparseMapPayload>(full[32..]));
        Assert.Equal([0, 0x1000, 0x2000, 0x2000], MemoryMarshal.Cast<byte, ulong>(full[48..]).ToArray());
        using var received = Assert.Single(client.Received);
        Assert.Equal(FileStatus.Of(file)!.Value.Inode, FileStatus.Of(received)!.Value.Inode);
    }

    [Theory]
    [InlineData(DeviceFeaturePayload.Probe | DeviceFeaturePayload.Get | 1, Errno.ENOTTY)]
    [InlineData(DeviceFeaturePayload.Probe | DeviceFeaturePayload.Get | DeviceFeaturePayload.Set | 2, Errno.ENOTTY)]
    [InlineData(DeviceFeaturePayload.Get | 1, Errno.ENOTTY)]
    [InlineData(DeviceFeaturePayload.Get | DeviceFeaturePayload.Set | 1, Errno.EINVAL)]
    [InlineData(1u, Errno.EINVAL)]
    [InlineData((1u << 19) | DeviceFeaturePayload.Get, Errno.EINVAL)]
    public void FeaturesAreUnknownAsTheKernelSaysIt(uint flags, Errno expected)
    {
        using var served = new Served();
        using var client = served.Connect();

        Assert.Equal(expected, client.Request(Command.DeviceFeature, Messages.Bytes(new DeviceFeaturePayload(8, flags)), out _));
    }

    [Theory]
    [InlineData(Command.DeviceGetRegionIoFds, Errno.ENOSYS)]
    [InlineData(Command.DmaRead, Errno.ENOSYS)]
    [InlineData(Command.DmaWrite, Errno.ENOSYS)]
    [InlineData((Command)14, Errno.ENOSYS)]
    [InlineData((Command)0, Errno.ENOSYS)]
    [InlineData((Command)0xffff, Errno.ENOSYS)]
    [InlineData(Command.Version, Errno.EINVAL)]
    public void CommandsThatAreNotOursAreRefused(Command command, Errno expected)
    {
        using var served = new Served();
        using var client = served.Connect();

        Assert.Equal(expected, client.Request(command, new byte[32], out _));
        Assert.Equal(Errno.None, client.Read(RegionIndex.Bar0, 0, new byte[4]));
    }
}
