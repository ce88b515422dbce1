using System.Runtime.InteropServices;
using PcieFabric.Addressing;
using PcieFabric.Engine;
using PcieFabric.Journals;
using PcieFabric.Memory;
using PcieFabric.Recording;
using PcieFabric.Tlps;
using PcieFabric.Units;
using Xunit.Abstractions;

namespace PcieFabric.Actors.Tests.Recording;

public class RunComparisonTests(ITestOutputHelper output)
{
    private static readonly byte[] Journal = new BusyFabric().Record();

    /// <summary>Of what is said to have been delivered. Rentals start with the number of their pool in its depot, so it is not the first one, as the fabric's is.</summary>
    private static readonly PayloadPool Pool = PoolOfItsOwn();

    public enum Change
    {
        Time,
        Channel,
        Kind,
        Detail,
        Requester,
        Tag,
        TrafficClass,
        Poison,
        Data,
    }

    [Theory]
    [InlineData(Change.Time)]
    [InlineData(Change.Channel)]
    [InlineData(Change.Kind)]
    [InlineData(Change.Detail)]
    [InlineData(Change.Requester)]
    [InlineData(Change.Tag)]
    [InlineData(Change.TrafficClass)]
    [InlineData(Change.Poison)]
    [InlineData(Change.Data)]
    public void AMessageThatDiffersInAnythingIsNamed(Change change)
    {
        var random = TestSeed.Random(output);
        for (var i = 0; i < 6; i++)
        {
            var forger = Replay((ref Message message, int channelId) => Apply(change, ref message, channelId, random), random.Next(2_000));

            Assert.True(forger.ChangedAt >= 0);
            Assert.NotNull(forger.Comparison.Divergence);
            Assert.Equal($"message {forger.ChangedAt}", forger.Comparison.Divergence.Where.Split(',')[0]);
            Assert.Equal(0, forger.Comparison.ComparedExactly);
        }
    }

    [Fact]
    public void DataThatIsTheSameInOtherMemoryIsNoDivergence()
    {
        var forger = Replay((ref Message message, int channelId) =>
        {
            if (!message.CarriesTlp || !message.Tlp.HasLongPayload) return null;
            message.Tlp = message.Tlp.Clone(Pool);
            return channelId;
        }, 500);

        Assert.True(forger.ChangedAt >= 0);
        Assert.Null(forger.Comparison.Divergence);
        Assert.Equal(forger.Seen, forger.Comparison.Compared);
        // In place it cannot be told, there or, if it is new there, at the next hop: the exact comparison tells it.
        Assert.InRange(forger.Comparison.ComparedExactly, 1, forger.Seen - forger.ChangedAt);
    }

    private static int? Apply(Change change, ref Message message, int channelId, Random random)
    {
        if (change is Change.Requester or Change.Tag or Change.TrafficClass or Change.Poison && !message.CarriesTlp) return null;
        switch (change)
        {
            case Change.Time: message.DeliveredAtPs++; break;
            case Change.Channel: return channelId ^ 1;
            case Change.Kind: message.Kind = message.CarriesTlp ? message.Kind == MessageKind.Tlp ? MessageKind.OwnTlp : MessageKind.Tlp : message.Kind == MessageKind.Timer ? MessageKind.HotReset : MessageKind.Timer; break;
            case Change.Detail: message.Detail ^= 1u << random.Next(32); break;
            case Change.Requester: message.Tlp.Requester = new Bdf((ushort)(message.Tlp.Requester.Value ^ 1 << random.Next(16))); break;
            case Change.Tag: message.Tlp.Tag ^= (ushort)(1 << random.Next(10)); break;
            case Change.TrafficClass: message.Tlp.TrafficClass ^= (byte)(1 << random.Next(3)); break;
            case Change.Poison: message.Tlp.IsPoisoned ^= true; break;
            default: return ChangeData(ref message, random) ? channelId : null;
        }
        return channelId;
    }

    /// <summary>Of a TLP's payload, which gets another place if it has one of its own; of another message any byte.</summary>
    private static bool ChangeData(ref Message message, Random random)
    {
        if (message.CarriesTlp && !message.Tlp.HasData) return false;
        if (message.CarriesTlp && message.Tlp.HasLongPayload) message.Tlp = message.Tlp.Clone(Pool);
        var bytes = message.CarriesTlp ? message.Tlp.Payload : MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(in message.Tlp, 1));
        MemoryMarshal.CreateSpan(ref MemoryMarshal.GetReference(bytes), bytes.Length)[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
        return true;
    }

    private static PayloadPool PoolOfItsOwn()
    {
        var depot = new PayloadDepot();
        for (var others = 0; others < 100; others++) _ = new PayloadPool(depot);
        return new PayloadPool(depot);
    }

    private static Forger Replay(Forgery forgery, int from)
    {
        using var run = new BusyFabric().Build();
        using var reader = new JournalReader(new MemoryStream(Journal), "test.pfj");
        using var comparison = new RunComparison(reader, until: null);
        var forger = new Forger(comparison, forgery, from);
        var tap = new RunTap(run.Fabric.Engine, new RecorderOptions().DigestTimes, wantsMessages: true, forger);
        try
        {
            run.Execute();
            tap.Finish();
            comparison.Finish();
        }
        catch (ReplayStoppedException)
        {
        }
        return forger;
    }

    /// <returns>The channel that the message is said to come on; null to leave it as it is.</returns>
    private delegate int? Forgery(ref Message message, int channelId);

    /// <summary>Shows a comparison another message than the actors got, once.</summary>
    private sealed class Forger(RunComparison comparison, Forgery forgery, int from) : RunSink
    {
        public RunComparison Comparison { get; } = comparison;

        public int ChangedAt { get; private set; } = -1;

        public int Seen { get; private set; }

        public override void Message(ref readonly Message message, int channelId)
        {
            var shown = message;
            var channel = ChangedAt < 0 && Seen >= from ? forgery(ref shown, channelId) : null;
            if (channel is not null) ChangedAt = Seen;
            Seen++;
            Comparison.Message(in shown, channel ?? channelId);
        }

        public override void TurnEnded() => Comparison.TurnEnded();
    }
}
