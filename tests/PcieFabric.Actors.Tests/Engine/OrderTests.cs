using PcieFabric.Engine;
using Timer = PcieFabric.Engine.Timer;

namespace PcieFabric.Actors.Tests.Engine;

public class OrderTests
{
    [Fact]
    public void MessagesOfOneTimeComeInTheOrderOfTheirChannels()
    {
        using var net = new ToyEngine();
        var (a, b, c) = (net.Add("a"), net.Add("b"), net.Add("c"));
        net.Connect(b, c, 1, inlet: 7);
        net.Connect(a, c, 1, inlet: 8);
        a.Send(0, 100, 1);
        b.Send(0, 100, 2);
        a.Send(0, 100, 3);
        b.Send(0, 50, 4);

        net.Engine.Run();

        Assert.Equal([(50L, 7, 4ul), (100, 7, 2), (100, 8, 1), (100, 8, 3)], c.Log);
    }

    [Fact]
    public void AlarmsRingByTimeAndThoseOfOneTimeAsTheyWereSet()
    {
        using var net = new ToyEngine();
        var a = net.Add("a");
        var random = new Random(7);
        var expected = Enumerable.Range(0, 2000).Select(i => (AtPs: (long)random.Next(1, 300), What: (ulong)i)).ToArray();
        foreach (var (at, what) in expected) a.Here.Schedule(at, new Timer(0, what));

        net.Engine.Run();

        Assert.Equal(expected.OrderBy(e => e.AtPs).ThenBy(e => e.What), a.Log.Select(l => (l.AtPs, l.What)));
    }

    /// <summary>The alarm in hand has left its channel, whose place the next ones take.</summary>
    [Fact]
    public void AnAlarmInHandStaysAsItIsWhileOthersAreSet()
    {
        using var net = new ToyEngine();
        var a = net.Add("a");
        a.Before = (self, alarm) =>
        {
            if (alarm.DeliveredAtPs > 100) return;
            for (var i = 0ul; i < 5; i++) self.Here.Schedule(1000, new Timer(0, 1000 + i));
        };
        a.Here.Schedule(50, new Timer(0, 50));
        a.Here.Schedule(60, new Timer(0, 60));

        net.Engine.Run();

        Assert.Equal([(50L, 50ul), (60, 60)], a.Log.Take(2).Select(l => (l.AtPs, l.What)));
        Assert.Equal(12, a.Log.Count);
    }

    [Fact]
    public void ACrowdIsServedAsFewAre()
    {
        using var net = new ToyEngine();
        var random = new Random(8);
        // So far that they stand in line.
        var farPs = 2 * EngineLimits.LongestSoonPs;
        var crowd = Enumerable.Range(0, 3 * EngineLimits.ForeseenFrom).Select(i => (Toy: net.Add($"toy{i}"), Alarms: Enumerable.Range(0, 4).Select(_ => farPs + random.Next(1, 300)).ToArray())).ToArray();
        foreach (var (toy, alarms) in crowd)
            foreach (var at in alarms) toy.Here.Schedule(at, new Timer(0, (ulong)at));

        net.Engine.Run();

        foreach (var (toy, alarms) in crowd) Assert.Equal(alarms.Order(), toy.Log.Select(l => l.AtPs));
    }

    [Fact]
    public void AlarmsSetWhileOthersRingComeInTheirPlace()
    {
        using var net = new ToyEngine();
        var a = net.Add("a");
        a.Before = (toy, message) =>
        {
            var number = message.Read<Timer>().Argument;
            if (number >= 100) return;
            toy.Here.Schedule(5, new Timer(0, 100 + number));
            toy.Here.Schedule(1, new Timer(0, 200 + number));
        };
        for (var i = 0; i < 20; i++) a.Here.Schedule(10 + 3 * i, new Timer(0, (ulong)i));
        a.Here.Schedule(1_000_000, new Timer(0, 99));

        net.Engine.Run();

        Assert.Equal(63, a.Log.Count);
        Assert.Equal(a.Log.Select(l => l.AtPs).Order(), a.Log.Select(l => l.AtPs));
        Assert.All(Enumerable.Range(0, 20), i =>
        {
            Assert.Contains((10L + 3 * i + 5, 0, 100ul + (ulong)i), a.Log);
            Assert.Contains((10L + 3 * i + 1, 0, 200ul + (ulong)i), a.Log);
        });
    }

    [Fact]
    public void ShortAlarmsBesideALongOneLeaveNothingBehind()
    {
        using var net = new ToyEngine();
        var a = net.Add("a");
        var rings = 0;
        a.Before = (toy, _) =>
        {
            if (++rings < 100_000) toy.Here.Schedule(1, new Timer(0, 1));
        };
        a.Here.Schedule(1_000_000, new Timer(0, 2));
        a.Here.Schedule(1, new Timer(0, 1));
        net.Engine.Run(new SimTime(90_000));

        Assert.Equal(2, net.Engine.QueueEntries);
    }

    [Fact]
    public void NothingTravelsFasterThanPromised()
    {
        using var net = new ToyEngine();
        var (a, b) = (net.Add("a"), net.Add("b"));
        net.Connect(a, b, 100);

        var e = Assert.Throws<InvalidOperationException>(() => a.Send(0, 99, 0));
        Assert.Contains("a → b promised a look-ahead of 100 ps", e.Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => a.Here.Schedule(0, default));
        Assert.Throws<ArgumentOutOfRangeException>(() => net.Engine.Connect(a, b, 1, SimTime.Zero));
        Assert.Throws<InvalidOperationException>(() => net.Add("a"));
    }

    [Fact]
    public void AChannelThatNobodyEmptiesIsABrokenFlowControl()
    {
        using var net = new ToyEngine();
        var a = net.Add("a");

        var e = Assert.Throws<InvalidOperationException>(() =>
        {
            for (var i = 0; i <= EngineLimits.MaxMessagesPerChannel; i++) a.Here.Schedule(1, default);
        });
        Assert.Contains("flow control", e.Message, StringComparison.Ordinal);
    }
}
