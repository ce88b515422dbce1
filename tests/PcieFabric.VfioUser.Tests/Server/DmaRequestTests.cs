using PcieFabric.VfioUser.Client;
using PcieFabric.VfioUser.Devices;
using PcieFabric.VfioUser.Interop;
using PcieFabric.VfioUser.Protocol;

namespace PcieFabric.VfioUser.Tests.Server;

public class DmaRequestTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly byte[] _guest = [.. Enumerable.Range(0, 1 << 16).Select(i => (byte)(i * 31 >> 3))];

    [Theory]
    [InlineData(1)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(5000)]
    public void MemoryThatIsNotSharedIsReadInPiecesThatTheClientTakes(int length)
    {
        using var served = new Served();
        using var client = Connect(served, pieceBytes: 64);
        byte[]? read = null;
        var pieces = (length + 63) / 64;

        Assert.True(served.Function.Client!.DmaRead(0x100, length, (data, error) => read = error == Errno.None ? data.ToArray() : null));
        for (var i = 0; i < pieces; i++) Assert.True(client.TryReceive(out _, out _));
        Settle(client);

        Assert.Equal(_guest[0x100..(0x100 + length)], read);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(200)]
    public void MemoryThatIsNotSharedIsWrittenWithoutWaiting(int length)
    {
        using var served = new Served();
        using var client = Connect(served, pieceBytes: 64);
        var data = Enumerable.Range(0, length).Select(i => (byte)~i).ToArray();
        Errno? written = null;

        Assert.True(served.Function.Client!.DmaWrite(0x33, data, error => written = error));
        Assert.True(served.Function.Client.DmaWrite(0x33, [0xaa]));
        Settle(client);
        Settle(client);

        Assert.Equal(Errno.None, written);
        data[0] = 0xaa;
        Assert.Equal(data, _guest[0x33..(0x33 + length)]);
    }

    [Fact]
    public void AnAccessWithinWhichDmaStartsIsAnsweredWithoutWaitingForIt()
    {
        using var served = new Served();
        using var client = Connect(served);
        using var read = new ManualResetEventSlim();
        served.Function.WhileReading = () => served.Function.Client!.DmaRead(0, 4, (_, _) => read.Set());

        client.SendRaw(Messages.Of(Command.RegionRead, Messages.Bytes(new RegionAccessPayload(0, 0, 4))));
        var order = new List<(bool IsReply, Command Command)>();
        while (order.Count < 2 && client.TryReceive(out var header, out _)) order.Add((header.IsReply, header.Command));

        Assert.Equal([(false, Command.DmaRead), (true, Command.RegionRead)], order);
        Assert.True(read.Wait(Patience));
    }

    [Fact]
    public void WhatTheClientRefusesFailsWithItsReason()
    {
        using var served = new Served();
        using var client = Connect(served, pieceBytes: 64);
        client.Dma = (address, _, _) => address >= 0x40 ? Errno.ENODEV : Errno.None;
        var errors = new List<(Errno Error, int Length)>();

        Assert.True(served.Function.Client!.DmaRead(0, 128, (data, error) => errors.Add((error, data.Length))));
        Assert.True(served.Function.Client.DmaWrite(0, new byte[128], error => errors.Add((error, 0))));
        for (var i = 0; i < 4; i++) Assert.True(client.TryReceive(out _, out _));
        Settle(client);

        Assert.Equal([(Errno.ENODEV, 0), (Errno.ENODEV, 0)], errors);
        Assert.Equal(2, served.Server.Counters.DmaErrors);
    }

    [Fact]
    public void RepliesComeInAnyOrder()
    {
        using var served = new Served();
        using var client = Connect(served);
        var read = new List<byte[]>();
        for (var i = 0; i < 3; i++) Assert.True(served.Function.Client!.DmaRead((ulong)i, 1, (data, _) => read.Add(data.ToArray())));
        var asked = new List<FrameHeader>();
        for (var i = 0; i < 3; i++)
        {
            Assert.True(client.TryReceive(out var header, out _, serveDma: false));
            asked.Add(header);
        }

        foreach (var i in new[] { 2, 0, 1 }) client.SendRaw(Reply(asked[i], new DmaAccessPayload((ulong)i, 1), [(byte)i]));
        Settle(client);

        Assert.Equal([[2], [0], [1]], read);
    }

    [Fact]
    public void AReplyOfAnotherSizeOrPlaceFails()
    {
        using var served = new Served();
        using var client = Connect(served);
        var errors = new List<Errno>();
        byte[][] wrong =
        [
            Messages.Bytes(new DmaAccessPayload(8, 4)),
            [.. Messages.Bytes(new DmaAccessPayload(8, 4)), 1, 2, 3],
            [.. Messages.Bytes(new DmaAccessPayload(8, 4)), 1, 2, 3, 4, 5],
            [.. Messages.Bytes(new DmaAccessPayload(8, 5)), 1, 2, 3, 4, 5],
            [.. Messages.Bytes(new DmaAccessPayload(9, 4)), 1, 2, 3, 4],
            [1],
            [],
        ];
        foreach (var payload in wrong)
        {
            Assert.True(served.Function.Client!.DmaRead(8, 4, (_, error) => errors.Add(error)));
            Assert.True(client.TryReceive(out var asked, out _, serveDma: false));
            client.SendRaw([.. Messages.Bytes(FrameHeader.Replying(in asked, payload.Length)), .. payload]);
            Settle(client);
        }
        Assert.Equal(Enumerable.Repeat(Errno.EINVAL, wrong.Length), errors);
    }

    [Fact]
    public void AClientThatLeavesFailsWhatItWasAsked()
    {
        using var served = new Served();
        var errors = new List<Errno>();
        IVfioUserClient gone;
        using (var client = Connect(served))
        {
            gone = served.Function.Client!;
            Assert.True(gone.DmaRead(0, 1 << 16, (data, error) => errors.Add(data.IsEmpty ? error : Errno.None)));
            Assert.True(gone.DmaWrite(0, new byte[100], errors.Add));
        }
        Assert.Equal("detached", served.Function.Next());
        Assert.Equal([Errno.ENODEV, Errno.ENODEV], errors);
        Assert.False(gone.DmaRead(0, 4, (_, _) => errors.Add(Errno.None)));
        Assert.False(gone.DmaWrite(0, [1]));
        Assert.False(gone.Trigger(InterruptIndex.Msi, 0));
        Assert.Equal(GuestAccess.Fault, gone.Memory.Read(0, new byte[1]));
        Assert.Equal(2, errors.Count);
    }

    [Fact]
    public void NoMoreIsAskedThanIsKeptTrackOf()
    {
        using var served = new Served();
        using var client = Connect(served);
        var done = 0;

        for (var i = 0; i < Limits.VfioUserDmaRequests; i++) Assert.True(served.Function.Client!.DmaRead(0, 4, (_, error) => done += error == Errno.None ? 1 : 0));
        Assert.False(served.Function.Client!.DmaRead(0, 4, (_, _) => done = -1));
        for (var i = 0; i < Limits.VfioUserDmaRequests; i++) Assert.True(client.TryReceive(out _, out _));
        Settle(client);

        Assert.Equal(Limits.VfioUserDmaRequests, done);
        Assert.True(served.Function.Client!.DmaRead(0, 4, (_, _) => { }));
    }

    [Fact]
    public void AClientThatReadsNothingStopsNobodyAndWhatWaitsForItIsBounded()
    {
        using var served = new Served(new() { Patience = TimeSpan.FromMilliseconds(300) });
        using var client = Connect(served);
        var data = new byte[1 << 20];
        var accepted = 0;
        while (accepted < 1000 && served.Function.Client!.DmaWrite(0, data)) accepted++;

        Assert.InRange(accepted, 1, Limits.VfioUserQueueBytes / data.Length + 1);
        Assert.Equal("detached", served.Function.Next());
    }

    [Fact]
    public void WhatWaitedForASlowClientArrivesWholeAndInOrder()
    {
        using var served = new Served();
        using var client = Connect(served);
        var written = 0;
        for (var i = 0; i < 6; i++)
        {
            var data = new byte[1 << 20];
            data.AsSpan().Fill((byte)i);
            Assert.True(served.Function.Client!.DmaWrite((ulong)i << 20, data, error => written += error == Errno.None ? 1 : 0));
        }
        var seen = new List<(ulong Address, bool IsRight)>();
        client.Dma = (address, data, _) =>
        {
            seen.Add((address, data.Length == 1 << 20 && data.IndexOfAnyExcept((byte)(address >> 20)) < 0));
            return Errno.None;
        };
        Settle(client);
        Settle(client);

        Assert.Equal(Enumerable.Range(0, 6).Select(i => ((ulong)i << 20, true)), seen);
        Assert.Equal(6, written);
    }

    private VfioUserClient Connect(Served served, int pieceBytes = 1 << 20)
    {
        var client = VfioUserClient.Connect(served.Path);
        Assert.Equal(Errno.None, client.Negotiate(Capabilities.Ours with { MaxTransferBytes = pieceBytes }));
        Assert.Equal("attached", served.Function.Next());
        client.Dma = (address, data, isWrite) =>
        {
            if (isWrite) data.CopyTo(_guest.AsSpan((int)address));
            else _guest.AsSpan((int)address, data.Length).CopyTo(data);
            return Errno.None;
        };
        return client;
    }

    /// <summary>The server has seen all that was sent before.</summary>
    private static void Settle(VfioUserClient client) => Assert.Equal(Errno.None, client.Read(RegionIndex.Config, 0, new byte[1]));

    private static byte[] Reply(FrameHeader asked, DmaAccessPayload access, byte[] data) =>
        [.. Messages.Bytes(FrameHeader.Replying(in asked, DmaAccessPayload.Bytes + data.Length)), .. Messages.Bytes(access), .. data];
}
