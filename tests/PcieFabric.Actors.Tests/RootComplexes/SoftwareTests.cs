using PcieFabric.Actors.Tests.Fabrics;
using PcieFabric.Engine;

namespace PcieFabric.Actors.Tests.RootComplexes;

public class SoftwareTests
{
    [Fact]
    public void SoftwareFailsUnderItsHostsNameWithItsOwnException()
    {
        using var fabric = new TestFabric(Parts.Host(Parts.Endpoint("a")));
        fabric.Root.Run(async host =>
        {
            await host.DelayAsync(SimTime.FromMicroseconds(3));
            throw new FormatException("not what I expected");
        });

        var e = Assert.Throws<ActorFailedException>(() => fabric.Engine.Run());
        Assert.Equal("host0", e.Path.Value);
        Assert.IsType<FormatException>(e.InnerException);
        Assert.Contains("not what I expected", e.Message, StringComparison.Ordinal);
    }

    public static TheoryData<string, Func<PcieFabric.RootComplexes.Host, Task>> Outside => new()
    {
        { "wall time", static _ => Task.Delay(1) },
        { "a thread", static _ => Task.Run(static () => Thread.Sleep(1)) },
        { "a thread, without context", static async host => { await Task.Run(static () => Thread.Sleep(1)).ConfigureAwait(false); await host.DelayAsync(new SimTime(1)); } },
        { "what nobody completes", static _ => new TaskCompletionSource().Task },
    };

    [Theory]
    [MemberData(nameof(Outside))]
    public void SoftwareThatWaitsOutsideTheFabricIsRefused(string what, Func<PcieFabric.RootComplexes.Host, Task> software)
    {
        using var fabric = new TestFabric(Parts.Host(Parts.Endpoint("a")));
        fabric.Root.Run(async host =>
        {
            await host.DelayAsync(SimTime.FromMicroseconds(1));
            await software(host);
        });

        var e = Assert.Throws<ActorFailedException>(() => fabric.Engine.Run());
        Assert.True(e.Message.Contains("awaited something outside", StringComparison.Ordinal), $"{what}: {e.Message}");
    }

    [Fact]
    public void AnotherThreadCannotUseTheHost()
    {
        using var fabric = new TestFabric(Parts.Host(Parts.Endpoint("a")));
        Exception? refused = null;
        fabric.Root.Run(async host =>
        {
            var thread = new Thread(() => refused = Record.Exception(() => { _ = host.DelayAsync(new SimTime(5)).AsTask(); }));
            thread.Start();
            thread.Join();
            await host.DelayAsync(new SimTime(1));
        });
        fabric.Engine.Run();

        Assert.IsType<InvalidOperationException>(refused);
    }

    [Fact]
    public void PiecesOfSoftwareMayWaitForEachOther()
    {
        using var fabric = new TestFabric(Parts.Host(Parts.Endpoint("a")));
        var gate = new TaskCompletionSource();
        var order = new List<string>();
        fabric.Root.Run(async host =>
        {
            await gate.Task;
            order.Add($"second at {host.Now - SimTime.FromNanoseconds(40)}");
            await Task.Yield();
            await Task.WhenAll(host.DelayAsync(new SimTime(9)).AsTask(), host.DelayAsync(new SimTime(7)).AsTask());
            order.Add($"third at {host.Now - SimTime.FromNanoseconds(40)}");
        });
        fabric.Root.Run(async host =>
        {
            await host.DelayAsync(new SimTime(100));
            order.Add("first");
            gate.SetResult();
        });

        fabric.Engine.Run();

        Assert.Equal(["first", "second at 100 ps", "third at 109 ps"], order);
        Assert.True(fabric.Root.SoftwareFinished);
    }

    [Fact]
    public void AnInterruptThatNeverComesLeavesSoftwareUnfinished()
    {
        using var fabric = new TestFabric(Parts.Host(Parts.Endpoint("a")));
        fabric.Root.Run(async host => await host.Interrupts.Allocate(1)[0].WaitAsync());

        fabric.Engine.Run();

        Assert.False(fabric.Root.SoftwareFinished);
    }
}
