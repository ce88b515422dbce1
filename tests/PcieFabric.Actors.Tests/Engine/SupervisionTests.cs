using PcieFabric.Engine;
using Timer = PcieFabric.Engine.Timer;

namespace PcieFabric.Actors.Tests.Engine;

public class SupervisionTests
{
    [Fact]
    public void AnEscalatedFailureNamesActorTimeAndMessage()
    {
        using var net = new ToyEngine();
        var a = net.Add("host0/a");
        a.Before = (_, _) => throw new FormatException("as it happens");
        a.Here.Schedule(1234, default);

        var e = Assert.Throws<ActorFailedException>(() => net.Engine.Run());
        Assert.Equal("host0/a failed at 1.234 ns on a Timer message: as it happens", e.Message);
        Assert.IsType<FormatException>(e.InnerException);
    }

    [Fact]
    public void AStoppedActorGivesPayloadsBackAndTheOthersGoOn()
    {
        using var net = new ToyEngine(seed: 3, maxDelayPs: 100);
        var (a, b) = (net.Add("a"), net.Add("b", onFailure: SupervisorDirective.Stop));
        net.Connect(a, b, 1);
        var handled = 0;
        b.Before = (_, _) =>
        {
            if (++handled == 3) throw new FormatException("enough");
        };
        b.Here.Schedule(1, default);
        b.Here.Schedule(2, default);
        b.Here.Schedule(3, default);
        a.Here.Schedule(50, new Timer(200, 0));
        net.Engine.Run(new SimTime(49));
        for (var i = 0; i < 10; i++) a.Here.Schedule(10 + i, new Timer(200, 0));

        net.Engine.Run();

        Assert.Equal(3, handled);
        Assert.Equal("b", Assert.Single(net.Engine.Stopped).Path.Value);
        Assert.IsType<FormatException>(net.Engine.Stopped.Single().Failure);
        Assert.True(a.Log.Count > 10);
        Assert.Equal(0, net.Engine.PayloadsOutstanding);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    [InlineData(2, 2)]
    public void OfTwoFailuresTheEarlierIsReported(int partitions, int threads)
    {
        using var net = new ToyEngine(partitions);
        var (a, b) = (net.Add("a", 0), net.Add("b", 1));
        net.Connect(a, b, 1000);
        a.Before = (_, _) => throw new FormatException("late");
        b.Before = (_, _) => throw new FormatException("early");
        a.Here.Schedule(20, default);
        b.Here.Schedule(10, default);

        Assert.Equal("b", Assert.Throws<ActorFailedException>(() => net.Engine.Run(threads: threads)).Path.Value);
    }

    /// <summary>A replay that finds a divergence is an observer that throws; no supervisor may make that an actor's fault.</summary>
    [Fact]
    public void AnObserversFailureIsItsOwn()
    {
        using var net = new ToyEngine();
        var a = net.Add("a", onFailure: SupervisorDirective.Stop);
        net.Engine.Observe(_ => new Watcher());
        a.Here.Schedule(1, default);

        Assert.Throws<TimeoutException>(() => net.Engine.Run());
        Assert.Empty(net.Engine.Stopped);
    }

    private sealed class Watcher : IMessageObserver
    {
        public void Delivered(ref readonly Message message, int channelId, int receiver) => throw new TimeoutException("seen");
    }
}
