using PcieFabric.Engine;
using PcieFabric.HostDrivers;
using PcieFabric.Journals;
using PcieFabric.Topologies.Building;

namespace PcieFabric.Actors.Tests.HostDrivers;

/// <summary>Controllers, their software and the host's driver are actors like others: the same messages in every run.</summary>
public sealed class RepeatabilityTests
{
    [Fact]
    public void PartitionsAndThreadsDoNotChangeAMessage()
    {
        var one = Run(partitions: 1, threads: 1);
        Assert.Equal(one, Run(partitions: 1, threads: 1));
        Assert.Equal(one, Run(partitions: 2, threads: 1));
        Assert.Equal(one, Run(partitions: 2, threads: 2));
        Assert.NotEqual(one, Run(partitions: 1, threads: 1, seed: 2));
    }

    private static string Run(int partitions, int threads, ulong seed = 1)
    {
        using var fabric = new EndpointTestFabric("qemu-epc", options: new FabricOptions { Partitions = partitions, Seed = seed });
        var digests = new SortedDictionary<int, Digest>();
        fabric.Fabric.Engine.Observe(_ => new Observer(digests));
        var results = "";
        fabric.Host.Run(async host =>
        {
            await host.DelayAsync(Units.SimTime.FromMilliseconds(30));
            var function = EndpointTestFabric.FunctionOf(await EndpointTestFabric.EnumerateAsync(host));
            var driver = (await PciEndpointTest.ProbeAsync(host, 0, function))!;
            await driver.SetIrqTypeAsync(null);
            foreach (var size in new[] { 1, 777, 30001 })
                results += $"{await driver.ReadAsync(size, dma: false)} {await driver.WriteAsync(size, dma: true)} {await driver.CopyAsync(size, dma: true)} ";
            results += await driver.BarSubrangeAsync(1);
        });
        fabric.Fabric.Engine.Run(until: Units.SimTime.FromMilliseconds(200), threads: threads);
        Assert.True(fabric.Host.SoftwareFinished);
        return $"{results}: {string.Join(' ', digests.Select(entry => $"{entry.Key}={entry.Value.Value:x}"))}";
    }

    /// <summary>A digest for each receiver; the set of receivers is fixed before the run.</summary>
    private sealed class Observer(SortedDictionary<int, Digest> digests) : IMessageObserver
    {
        public void Delivered(ref readonly Message message, int channelId, int receiver)
        {
            lock (digests)
            {
                var digest = digests.GetValueOrDefault(receiver, new Digest(0));
                message.AddTo(ref digest);
                digest.Add((ulong)channelId);
                digests[receiver] = digest;
            }
        }
    }
}
