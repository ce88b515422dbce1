using System.Runtime.InteropServices;
using PcieFabric.VfioUser.Devices;
using PcieFabric.VfioUser.Interop;
using PcieFabric.VfioUser.Protocol;
using PcieFabric.VfioUser.Tests.Devices;

namespace PcieFabric.VfioUser.Tests.Server;

public class RegionTests
{
    [Theory]
    [InlineData(RegionIndex.Bar0, 0, 4)]
    [InlineData(RegionIndex.Bar0, 3, 1)]
    [InlineData(RegionIndex.Bar0, 0x1ff8, 8)]
    [InlineData(RegionIndex.Bar0, 0, 4096)]
    [InlineData(RegionIndex.Config, 0xffe, 2)]
    public void WhatIsWrittenIsRead(RegionIndex region, ulong offset, int length)
    {
        using var served = new Served();
        using var client = served.Connect();
        var written = Enumerable.Range(1, length).Select(i => (byte)i).ToArray();
        var read = new byte[length];

        Assert.Equal(Errno.None, client.Write(region, offset, written));
        Assert.Equal(Errno.None, client.Read(region, offset, read));
        Assert.Equal(written, read);
    }

    [Theory]
    [InlineData(RegionIndex.Bar0, 0x2000, 1)]
    [InlineData(RegionIndex.Bar0, 0x1ffd, 4)]
    [InlineData(RegionIndex.Bar0, ulong.MaxValue, 4)]
    [InlineData(RegionIndex.Bar0, ulong.MaxValue - 3, 4)]
    [InlineData(RegionIndex.Config, 4096, 1)]
    [InlineData(RegionIndex.Bar1, 0, 1)]
    [InlineData((RegionIndex)9, 0, 1)]
    [InlineData((RegionIndex)(-1), 0, 1)]
    public void WhatIsOutsideIsRefused(RegionIndex region, ulong offset, int length)
    {
        using var served = new Served();
        using var client = served.Connect();

        Assert.Equal(Errno.EINVAL, client.Write(region, offset, new byte[length]));
        Assert.Equal(Errno.EINVAL, client.Read(region, offset, new byte[length]));
        Assert.Equal(Errno.None, client.Read(RegionIndex.Bar0, 0, new byte[4]));
    }

    [Fact]
    public void ARegionIsReadOrWrittenAsItsFlagsSay()
    {
        using var served = new Served();
        using var client = served.Connect();

        Assert.Equal((Errno.None, Errno.EINVAL), (client.Read(RegionIndex.Bar2, 0, new byte[4]), client.Write(RegionIndex.Bar2, 0, new byte[4])));
        Assert.Equal((Errno.EINVAL, Errno.None), (client.Read(RegionIndex.Bar4, 0, new byte[4]), client.Write(RegionIndex.Bar4, 0, new byte[4])));
    }

    [Fact]
    public void WhatTheFunctionRefusesIsTheReply()
    {
        using var served = new Served();
        using var client = served.Connect();

        Assert.Equal(Errno.EIO, client.Read(RegionIndex.Bar0, RecordingFunction.RefusedOffset, new byte[4]));
        Assert.Equal(Errno.EIO, client.Write(RegionIndex.Bar0, RecordingFunction.RefusedOffset, new byte[4]));
        Assert.Equal(2, served.Server.Counters.Errors);
    }

    [Fact]
    public void NothingIsReadWithoutAskingTheFunction()
    {
        using var served = new Served();
        using var client = served.Connect();

        Assert.Equal(Errno.None, client.Read(RegionIndex.Bar0, RecordingFunction.RefusedOffset, []));
    }

    [Fact]
    public void MoreThanWasAgreedOnIsRefused()
    {
        using var served = new Served();
        using var client = VfioUser.Client.VfioUserClient.Connect(served.Path);
        Assert.Equal(Errno.None, client.Negotiate(Capabilities.Ours with { MaxTransferBytes = 64 }));

        Assert.Equal(64, client.Agreed.MaxTransferBytes);
        Assert.Equal(Errno.None, client.Read(RegionIndex.Bar0, 0, new byte[64]));
        Assert.Equal(Errno.EINVAL, client.Read(RegionIndex.Bar0, 0, new byte[65]));
        Assert.Equal(Errno.EINVAL, client.Write(RegionIndex.Bar0, 0, new byte[65]));
    }

    [Fact]
    public void ACountThatIsNotThatOfTheDataIsRefused()
    {
        using var served = new Served();
        using var client = served.Connect();
        var access = Messages.Bytes(new RegionAccessPayload(0, 0, 4));

        Assert.Equal(Errno.EINVAL, client.Request(Command.RegionWrite, [.. access, 1, 2, 3], out _));
        Assert.Equal(Errno.EINVAL, client.Request(Command.RegionWrite, [.. access, 1, 2, 3, 4, 5], out _));
        Assert.Equal(Errno.EINVAL, client.Request(Command.RegionRead, [.. access, 1], out _));
        Assert.Equal(Errno.EINVAL, client.Request(Command.RegionRead, access.AsSpan(0, 15), out _));
    }

    [Fact]
    public void PostedWritesHaveNoReplyAndHappenInOrder()
    {
        using var served = new Served();
        using var client = served.Connect();
        var read = new byte[1];

        for (byte i = 0; i < 200; i++) client.Write(RegionIndex.Bar0, 0, [i], noReply: true);
        client.Write(RegionIndex.Bar0, RecordingFunction.RefusedOffset, [1], noReply: true);

        Assert.Equal(Errno.None, client.Read(RegionIndex.Bar0, 0, read));
        Assert.Equal(199, read[0]);
    }

    [Fact]
    public void SeveralWritesComeInOneMessage()
    {
        using var served = new Served();
        using var client = served.Connect();
        var writes = Enumerable.Range(0, Limits.VfioUserWrites).SelectMany(i => Messages.Bytes(new SmallWritePayload((ulong)i, 0, 1, (ulong)i))).ToArray();
        var read = new byte[Limits.VfioUserWrites];

        Assert.Equal(Errno.None, client.Request(Command.RegionWriteMulti, [.. Messages.Bytes((ulong)Limits.VfioUserWrites), .. writes], out var reply));
        Assert.Equal((ulong)Limits.VfioUserWrites, MemoryMarshal.Read<ulong>(reply));
        client.Read(RegionIndex.Bar0, 0, read);
        Assert.Equal(Enumerable.Range(0, read.Length).Select(i => (byte)i), read);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(2, 1)]
    [InlineData(ulong.MaxValue, 1)]
    [InlineData(201, 201)]
    [InlineData(0x2000_0000_0000_0001, 24)]
    public void ACountOfWritesThatIsNotTheirsIsRefused(ulong count, int there)
    {
        using var served = new Served();
        using var client = served.Connect();
        var writes = Enumerable.Range(0, there).SelectMany(_ => Messages.Bytes(new SmallWritePayload(0, 0, 4, 0))).ToArray();

        Assert.Equal(Errno.EINVAL, client.Request(Command.RegionWriteMulti, [.. Messages.Bytes(count), .. writes], out _));
    }

    [Fact]
    public void AWriteOfSeveralIsCheckedAsAnyIs()
    {
        using var served = new Served();
        using var client = served.Connect();

        Assert.Equal(Errno.EINVAL, client.Request(Command.RegionWriteMulti, [.. Messages.Bytes(1ul), .. Messages.Bytes(new SmallWritePayload(0, 0, 9, 0))], out _));
        Assert.Equal(Errno.EINVAL, client.Request(Command.RegionWriteMulti, [.. Messages.Bytes(1ul), .. Messages.Bytes(new SmallWritePayload(0x1ffd, 0, 4, 0))], out _));
        Assert.Equal(Errno.EIO, client.Request(Command.RegionWriteMulti, [.. Messages.Bytes(1ul), .. Messages.Bytes(new SmallWritePayload(RecordingFunction.RefusedOffset, 0, 4, 0))], out _));
        Assert.Equal(Errno.EINVAL, client.Request(Command.RegionWriteMulti, [1, 2, 3], out _));
    }

    [Fact]
    public void SeveralWritesAreUnknownToWhoDidNotAgreeOnThem()
    {
        using var served = new Served();
        using var client = VfioUser.Client.VfioUserClient.Connect(served.Path);
        Assert.Equal(Errno.None, client.Negotiate(Capabilities.Ours with { WriteMultiple = false }));

        Assert.Equal(Errno.ENOSYS, client.Request(Command.RegionWriteMulti, Messages.Bytes(0ul), out _));
    }

    [Fact]
    public void AResetReachesTheFunction()
    {
        using var served = new Served();
        using var client = served.Attach();

        Assert.Equal(Errno.EINVAL, client.Request(Command.DeviceReset, [0], out _));
        Assert.Equal(Errno.None, client.Request(Command.DeviceReset, [], out _));
        Assert.Equal("reset", served.Function.Next());
    }

    [Fact]
    public void AFunctionThatCannotBeResetSaysSo()
    {
        using var served = new Served(description: new DeviceDescription(256) { CanReset = false });
        using var client = served.Connect();

        Assert.Equal(Errno.ENOTTY, client.Request(Command.DeviceReset, [], out _));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AccessesAllocateNothingInTheServer(bool polls)
    {
        using var served = new Served(new() { Poll = polls ? TimeSpan.FromMilliseconds(1) : TimeSpan.Zero });
        using var client = served.Connect();
        var onThread = 0L;
        served.Function.WhileReading = () => onThread = GC.GetAllocatedBytesForCurrentThread();
        var least = long.MaxValue;
        for (var attempt = 0; attempt < 10 && least > 0; attempt++)
        {
            client.Read(RegionIndex.Bar0, 0, new byte[4]);
            var before = onThread;
            for (var i = 0; i < 1000; i++) client.Read(RegionIndex.Bar0, 0, new byte[4]);
            least = Math.Min(least, onThread - before);
        }
        Assert.Equal(0, least);
    }
}
