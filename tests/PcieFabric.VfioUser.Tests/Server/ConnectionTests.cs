using System.Runtime.InteropServices;
using PcieFabric.Memory;
using PcieFabric.VfioUser.Client;
using PcieFabric.VfioUser.Devices;
using PcieFabric.VfioUser.Interop;
using PcieFabric.VfioUser.Protocol;
using PcieFabric.VfioUser.Tests.Devices;

namespace PcieFabric.VfioUser.Tests.Server;

public class ConnectionTests
{
    [Fact]
    public void AMessageThatEndsAnywhereEndsItsConnectionAlone()
    {
        using var served = new Served();
        foreach (var message in Messages.OfEachCommand)
        {
            for (var length = 0; length < message.Length; length++)
            {
                using (var client = served.Connect()) client.SendRaw(message.AsSpan(0, length));
            }
        }
        using var next = served.Connect();
        Assert.Equal(Errno.None, next.Read(RegionIndex.Bar0, 0, new byte[4]));
    }

    [Fact]
    public void AMessageInPiecesIsTheSameMessage()
    {
        using var served = new Served();
        using var client = served.Connect();
        foreach (var message in Messages.OfEachCommand)
        {
            foreach (var piece in message) Assert.True(client.SendRaw([piece]));
            Assert.True(client.TryReceive(out var whole, out _));
            client.SendRaw([.. message, .. message]);
            for (var i = 0; i < 2; i++) Assert.True(client.TryReceive(out whole, out _));
            Assert.Equal((7, true), (whole.Id, whole.IsReply));
        }
    }

    [Fact]
    public void ALengthThatDoesNotFitItsCommandIsAnErrorInBothDirections()
    {
        using var served = new Served();
        using var client = served.Connect();
        foreach (var message in Messages.OfEachCommand)
        {
            var command = MemoryMarshal.Read<FrameHeader>(message).Command;
            var payload = message.AsSpan(FrameHeader.Bytes);
            for (var length = 0; length < payload.Length; length++) Assert.Equal(Errno.EINVAL, client.Request(command, payload[..length], out _));
            // What asks for information may be of a newer revision, and longer.
            if (command is Command.DeviceGetInfo or Command.DeviceGetRegionInfo or Command.DeviceGetIrqInfo or Command.DeviceFeature) continue;
            Assert.Equal(Errno.EINVAL, client.Request(command, [.. payload, 0], out _));
        }
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(15u)]
    [InlineData(Limits.VfioUserFrameBytes + 1u)]
    [InlineData(uint.MaxValue)]
    public void ASizeThatNoMessageHasEndsTheConnection(uint size)
    {
        using var served = new Served();
        using (var client = served.Attach())
        {
            client.SendRaw(Messages.Bytes(new FrameHeader { Command = Command.DeviceReset, SizeBytes = size }));
            Assert.False(client.TryReceive(out _, out _));
        }
        Assert.Equal("detached", served.Function.Next());
        using var next = served.Attach();
    }

    [Theory]
    [InlineData(1u)]
    [InlineData(2u)]
    [InlineData(15u)]
    public void AReplyToNothingAndAMessageOfNoTypeEndTheConnection(uint flags)
    {
        using var served = new Served();
        using var client = served.Attach();
        client.SendRaw(Messages.Bytes(new FrameHeader { Command = Command.DmaRead, SizeBytes = FrameHeader.Bytes, Flags = flags }));
        Assert.False(client.TryReceive(out _, out _));
    }

    [Fact]
    public void MoreDescriptorsThanWereAgreedOnEndTheConnectionAndAreClosed()
    {
        using var served = new Served();
        using var counter = EventCounter.Create();
        var before = Possessions.Now();
        using (var client = served.Attach())
        {
            var message = Messages.Of(Command.DeviceReset);
            var sixteen = Enumerable.Repeat(counter.Descriptor, 16).ToArray();
            for (var i = 0; i < 4; i++) client.SendRaw(message.AsSpan(i, 1), sixteen);
            Assert.False(client.TryReceive(out _, out _));
        }
        Possessions.AssertBackTo(before);
        using var next = served.Connect();
        Assert.Equal(Errno.None, next.Read(RegionIndex.Bar0, 0, new byte[4]));
    }

    [Fact]
    public void DescriptorsBelongToTheMessageThatTheyCameWith()
    {
        using var served = new Served();
        using var client = served.Attach();
        using var first = EventCounter.Create();
        using var second = EventCounter.Create();
        var read = Messages.Of(Command.RegionRead, Messages.Bytes(new RegionAccessPayload(0, 0, 4)));
        byte[] Listen(uint vector) => Messages.Of(Command.DeviceSetIrqs, Messages.Bytes(new IrqSetPayload(20, IrqSetFlags.DataEvent | IrqSetFlags.Trigger, (uint)InterruptIndex.Msi, vector, 1)));
        using var start = new ManualResetEventSlim();
        served.Function.WhileReading = start.Wait;

        // The server is held up, so that all that follows is there when it next looks.
        client.SendRaw(read);
        client.SendRaw(read);
        client.SendRaw(Listen(0), first.Descriptor);
        client.SendRaw(read);
        client.SendRaw(Listen(1), second.Descriptor);
        client.SendRaw(Listen(2), second.Descriptor);
        start.Set();

        for (var i = 0; i < 6; i++)
        {
            Assert.True(client.TryReceive(out var header, out _));
            Assert.False(header.IsError);
        }
        for (var vector = 0; vector < 3; vector++) Assert.True(served.Function.Client!.Trigger(InterruptIndex.Msi, vector));
        Assert.Equal((1ul, 2ul), (first.Take(), second.Take()));
    }

    [Fact]
    public async Task TheSecondClientWaitsForTheFirstToLeave()
    {
        using var served = new Served();
        var first = served.Attach();
        using var second = VfioUserClient.Connect(served.Path);
        var negotiated = Task.Run(() => second.Negotiate());

        Assert.NotEqual(negotiated, await Task.WhenAny(negotiated, Task.Delay(50)));
        Assert.Equal(Errno.None, first.Read(RegionIndex.Bar0, 0, new byte[4]));
        first.Dispose();
        Assert.Equal(Errno.None, await negotiated);
        Assert.Equal(["detached", "attached"], [served.Function.Next(), served.Function.Next()]);
    }

    [Fact]
    public void AClientThatStallsStallsNoOther()
    {
        using var stalled = new Served();
        using var served = new Served();
        using var silent = stalled.Connect();
        using var client = served.Connect();
        silent.SendRaw([1, 2, 3]);

        for (var i = 0; i < 100; i++) Assert.Equal(Errno.None, client.Read(RegionIndex.Bar0, 0, new byte[4]));
    }

    [Fact]
    public void AClientThatAsksAndNeverListensIsCutOff()
    {
        using var served = new Served(new() { Patience = TimeSpan.FromMilliseconds(200) });
        using var client = served.Attach();
        var read = Messages.Of(Command.RegionRead, Messages.Bytes(new RegionAccessPayload(0, 0, 0x1000)));
        var flood = Enumerable.Repeat(read, 100).SelectMany(message => message).ToArray();
        // Replies to all of these would be more than is ever kept.
        for (var i = 0; i < 200 && client.SendRaw(flood); i++) { }

        Assert.Equal("detached", served.Function.Next());
        using var next = served.Attach();
    }

    [Fact]
    public void ClientsThatComeAndGoLeaveNothingBehind()
    {
        using var served = new Served();
        using var memory = new SharedMemory("guest", 0x4000);
        using var file = new Descriptor(memory.FileDescriptor, owned: false);
        var before = Possessions.Now();
        for (var round = 0; round < 50; round++)
        {
            using (var client = served.Attach())
            {
                var counters = Enumerable.Range(0, 16).Select(_ => EventCounter.Create()).ToArray();
                Assert.Equal(Errno.None, client.Listen(InterruptIndex.MsiX, 0, 16, counters));
                foreach (var counter in counters) counter.Dispose();
                for (var page = 0ul; page < 4; page++) Assert.Equal(Errno.None, client.Map(page << 12, 0x1000, file, page << 12));
                served.Function.Next();
            }
            Assert.Equal("detached", served.Function.Next());
        }
        Possessions.AssertBackTo(before);
        Assert.Equal(50, served.Server.Counters.Clients);
    }

    [Fact]
    public void AClientThatIsKilledInTheMidstOfAnAccessIsDetachedAfterIt()
    {
        using var served = new Served();
        using var reading = new ManualResetEventSlim();
        using var killed = new ManualResetEventSlim();
        served.Function.WhileReading = () =>
        {
            reading.Set();
            killed.Wait();
        };
        using (var client = served.Attach())
        {
            client.SendRaw(Messages.Of(Command.RegionRead, Messages.Bytes(new RegionAccessPayload(0, 0, 4))));
            reading.Wait();
        }
        killed.Set();
        Assert.Equal("detached", served.Function.Next());
        served.Function.WhileReading = null;
        using var next = served.Attach();
    }

    [Fact]
    public void TheServerStopsWithAClientAttached()
    {
        string path;
        RecordingFunction function;
        using (var served = new Served())
        {
            (path, function) = (served.Path, served.Function);
            using var client = served.Attach();
            served.Server.Dispose();
            Assert.Equal("detached", function.Next());
            Assert.True(served.Server.Completion.IsCompletedSuccessfully);
            Assert.False(client.TryReceive(out _, out _));
            Assert.False(File.Exists(path));
        }
    }

    [Fact]
    public void AServerThatNobodyCameToStops()
    {
        using var served = new Served();
        served.Server.Dispose();
        Assert.Equal(0, served.Server.Counters.Clients);
        Assert.True(served.Server.Completion.IsCompletedSuccessfully);
        Assert.Throws<IOException>(() => VfioUserClient.Connect(served.Path));
    }

    [Fact]
    public async Task ABugOfTheFunctionsIsToldToWhoServesIt()
    {
        using var served = new Served();
        using var client = served.Attach();

        served.Function.WhileReading = () => throw new InvalidOperationException("Invariant: a test asked for this");
        Assert.Throws<IOException>(() => client.Read(RegionIndex.Bar0, 0, new byte[4]));
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => served.Server.Completion);
        Assert.StartsWith("Invariant:", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AServerThatPollsAnswersAsOneThatSleeps()
    {
        using var served = new Served(new() { Poll = TimeSpan.FromMicroseconds(50) });
        using var client = served.Attach();
        var read = new byte[4];
        for (var i = 0; i < 2000; i++)
        {
            Assert.Equal(Errno.None, client.Write(RegionIndex.Bar0, 0, BitConverter.GetBytes(i)));
            if (i % 500 == 0) Thread.Sleep(2);
            Assert.Equal(Errno.None, client.Read(RegionIndex.Bar0, 0, read));
            Assert.Equal(i, BitConverter.ToInt32(read));
        }
    }
}
