using PcieFabric.Memory;
using PcieFabric.VfioUser.Client;
using PcieFabric.VfioUser.Devices;
using PcieFabric.VfioUser.Interop;
using PcieFabric.VfioUser.Protocol;
using Xunit.Abstractions;

namespace PcieFabric.VfioUser.Tests.Server;

public class MutationTests(ITestOutputHelper output)
{
    private const int MessagesHandled = 100_000;
    private const int Servers = 3;
    private const int MessagesOfAClient = 100;

    [Fact]
    public void MutatedMessagesEndTheirOwnConnectionAtMostAndLeaveNothingBehind()
    {
        var seed = TestSeed.Of(output);
        using var memory = new SharedMemory("guest", 0x10000);
        using var file = new Descriptor(memory.FileDescriptor, owned: false);
        using var counter = EventCounter.Create();
        var served = Enumerable.Range(0, Servers).Select(_ => new Served()).ToArray();
        foreach (var one in served)
        {
            using var client = one.Connect();
        }
        var before = Possessions.Now();

        Parallel.For(0, Servers, i => Attack(served[i], new Random(seed + i), [file, counter.Descriptor]));

        foreach (var one in served)
        {
            using var client = one.Connect();
            Assert.Equal(Errno.None, client.Read(RegionIndex.Bar0, 0, new byte[4]));
        }
        Possessions.AssertBackTo(before);
        output.WriteLine(string.Join("; ", served.Select(one => $"{Handled(one)} handled, {one.Server.Counters.Errors} refused, {one.Server.Counters.Clients} clients")));
        Assert.True(served.Sum(Handled) >= MessagesHandled);
        foreach (var one in served) one.Dispose();
    }

    private static long Handled(Served served) => served.Server.Counters.Reads + served.Server.Counters.Writes + served.Server.Counters.Others;

    private static void Attack(Served served, Random random, Descriptor[] descriptors)
    {
        while (Handled(served) < MessagesHandled / Servers + 1)
        {
            using var client = served.Connect();
            for (var i = 0; i < MessagesOfAClient; i++)
            {
                var sent = random.Next(8) == 0 ? Enumerable.Range(0, random.Next(1, 4)).Select(_ => descriptors[random.Next(descriptors.Length)]).ToArray() : [];
                if (!client.SendRaw(Mutated(random), sent)) break;
            }
            client.FinishSending();
            while (client.TryReceive(out _, out _)) { }
        }
    }

    private static byte[] Mutated(Random random)
    {
        byte[] message = [.. Messages.OfEachCommand[random.Next(Messages.OfEachCommand.Count)]];
        for (var change = random.Next(4); change > 0; change--)
        {
            // Seldom in the header: most of those that end the connection do so there.
            var at = random.Next(10) == 0 || message.Length == FrameHeader.Bytes ? random.Next(FrameHeader.Bytes) : random.Next(FrameHeader.Bytes, message.Length);
            message[at] = random.Next(3) switch
            {
                0 => (byte)(message[at] ^ 1 << random.Next(8)),
                1 => (byte)random.Next(256),
                _ => (byte)(random.Next(2) * 255),
            };
        }
        if (random.Next(200) == 0) message = message[..random.Next(message.Length)];
        else if (random.Next(50) == 0)
        {
            // Longer or shorter than its command, and says so.
            Array.Resize(ref message, random.Next(FrameHeader.Bytes, message.Length + 40));
            BitConverter.TryWriteBytes(message.AsSpan(4), message.Length);
        }
        return message;
    }
}
