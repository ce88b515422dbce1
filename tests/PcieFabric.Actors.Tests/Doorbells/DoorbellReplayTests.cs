using PcieFabric.Journals;
using PcieFabric.Recording;
using PcieFabric.Units;

namespace PcieFabric.Actors.Tests.Doorbells;

/// <summary>Doorbells of all kinds replay as they were recorded.</summary>
public sealed class DoorbellReplayTests
{
    private const int Functions = 4, Doorbells = 8, Rings = 2000;

    [Theory]
    [InlineData("its")]
    [InlineData("ims")]
    [InlineData("embedded")]
    [InlineData("polled")]
    public void ARunWithDoorbellsReplaysWithNoDivergence(string kind)
    {
        using var stream = new MemoryStream();
        using (var run = Build(kind))
        {
            using var recorder = JournalRecorder.Create(stream, run.Fabric.Engine);
            run.Execute();
            recorder.Finish();
        }
        using var reader = new JournalReader(new MemoryStream(stream.ToArray()), "test.pfj");
        var result = JournalReplay.Run(reader, new ReplayOptions { Rebuild = _ => Build(kind) });
        Assert.Null(result.Divergence);
        Assert.True(result.Messages > Rings);
    }

    private static FabricRun Build(string kind)
    {
        var fabric = DoorbellFabric.Of(kind, Functions, Doorbells);
        if (kind == "ims")
            for (var f = 0; f < Functions; f++)
            {
                var function = f;
                fabric.Software(f).Run(async operate =>
                {
                    await operate.DelayAsync(SimTime.FromMilliseconds(30.7));
                    foreach (var doorbell in fabric.DoorbellsOf(function).Set!)
                    {
                        await doorbell.MaskAsync();
                        await operate.DelayAsync(SimTime.FromMicroseconds(3));
                        await doorbell.UnmaskAsync();
                    }
                });
            }
        fabric.Host.Run(async host =>
        {
            await host.DelayAsync(SimTime.FromMilliseconds(30));
            var drivers = await host.DriversAsync(await HostDrivers.EndpointTestFabric.EnumerateAsync(host), Functions);
            for (var i = 0; i < Rings; i++) await drivers[host.Random.Next(Functions)].RingAsync(host.Random.Next(Doorbells));
        });
        return new FabricRun(fabric.Fabric, () => fabric.Fabric.Engine.Run(until: SimTime.FromMilliseconds(31)));
    }
}
