using PcieFabric.Engine;
using PcieFabric.Journals;
using PcieFabric.NonTransparentBridges;
using PcieFabric.Topologies.Building;
using PcieFabric.Units;
using Xunit.Abstractions;

namespace PcieFabric.Actors.Tests.NonTransparentBridges;

/// <summary>Whatever two sides do, in whatever order, each sees what a simple model says.</summary>
public sealed class VntbModelTests(ITestOutputHelper output)
{
    private const int Seeds = 200, Operations = 40, RepeatedOperations = 10;

    /// <summary>From one operation to the next: some polls of the endpoint.</summary>
    private static readonly SimTime Step = SimTime.FromMilliseconds(1);

    private static readonly SimTime First = SimTime.FromMilliseconds(40);

    [Fact]
    public void RandomOperationsOfBothSidesDoWhatASimpleModelSays()
    {
        var first = TestSeed.Of(output);
        for (var seed = first; seed < first + Seeds; seed++)
        {
            try
            {
                Run(seed);
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"seed {seed}: {failure.Message}", failure);
            }
        }
    }

    [Fact]
    public void TheSameOperationsGiveTheSameMessagesWhateverThePartitionsAndThreads()
    {
        var seed = TestSeed.Of(output);
        var one = Run(seed, RepeatedOperations);
        Assert.Equal(one, Run(seed, RepeatedOperations));
        Assert.Equal(one, Run(seed, RepeatedOperations, partitions: 2, threads: 2));
        Assert.NotEqual(one, Run(seed + 1, RepeatedOperations));
    }

    /// <returns>Digests of what each actor was told.</returns>
    private static string Run(int seed, int count = Operations, int partitions = 1, int threads = 1)
    {
        var model = new VntbModel(new Random(seed));
        model.Begin();
        var operations = Enumerable.Range(0, count).Select(_ => model.Draw()).ToList();
        var settings = $"mw1: {VntbModel.WindowBytes[0]} B, mw2: {VntbModel.WindowBytes[1]} B, db-count: {VntbModel.DoorbellBits + 2}, spad-count: {VntbModel.Scratchpads}";
        var kind = new[] { "its", "ims", "polled" }[seed % 3];
        using var fabric = new VntbFabric(kind == "ims" || seed % 2 == 0 ? "qemu-epc" : "imx95", $"{settings}, doorbells: {kind}", options: new FabricOptions { Partitions = partitions });
        var end = First + new SimTime(Step.Picoseconds * (count + 1));
        var digests = new SortedDictionary<int, Digest>();
        fabric.Bench.Fabric.Engine.Observe(_ => new Observer(digests));
        var told = new long[2, VntbModel.DoorbellBits];
        fabric.OnEndpoint(async software =>
        {
            var buffers = new ulong[VntbModel.Buffers];
            for (var i = 0; i < buffers.Length; i++) buffers[i] = fabric.AllocateShown(1);
            var side = new VntbModel.Side(fabric.Endpoint, buffers, fabric.Local.Span);
            Count(fabric.Endpoint, told, VntbModel.Endpoint);
            await DoAsync(operations, VntbModel.Endpoint, side, () => software.Now, software.DelayAsync);
        });
        fabric.Bench.Host.Run(async host =>
        {
            await host.DelayAsync(SimTime.FromMilliseconds(30));
            var function = HostDrivers.EndpointTestFabric.FunctionOf(await HostDrivers.EndpointTestFabric.EnumerateAsync(host));
            var driver = (await PcieFabric.HostDrivers.NtbEpfDriver.ProbeAsync(host, 0, function))!;
            Count(driver, told, VntbModel.Host);
            var buffers = Enumerable.Range(0, VntbModel.Buffers).Select(_ => host.Memory.Allocate(32768, 4096)).ToArray();
            await DoAsync(operations, VntbModel.Host, new VntbModel.Side(driver, buffers, host.Memory.Span), () => host.Now, host.DelayAsync);
            await host.DelayAsync(end - host.Now);
            await driver.RemoveAsync();
        });
        fabric.Bench.Fabric.Engine.Run(until: end + SimTime.FromMilliseconds(5), threads: threads);
        Assert.True(fabric.Bench.Host.SoftwareFinished);
        Assert.Equal(model.Told, told);
        Assert.Equal(0, fabric.Bench.Controller.OutboundWindowsInUse);
        fabric.AssertNothingLeaks();
        return string.Join(' ', digests.Select(entry => $"{entry.Key}={entry.Value.Value:x}"));
    }

    private static async Task DoAsync(
        List<(int Side, string Name, Func<VntbModel.Side, Task> Run)> operations, int side, VntbModel.Side own, Func<SimTime> now, Func<SimTime, ValueTask> delay)
    {
        for (var i = 0; i < operations.Count; i++)
        {
            if (operations[i].Side != side) continue;
            await delay(First + new SimTime(Step.Picoseconds * i) - now());
            try
            {
                await operations[i].Run(own);
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"operation {i}, {operations[i].Name}: {failure.Message}", failure);
            }
            Assert.True(now() < First + new SimTime(Step.Picoseconds * (i + 1)), $"operation {i}, {operations[i].Name}, was too slow for a test of its order");
        }
    }

    private static void Count(INtbPort port, long[,] told, int side) => port.OwnDoorbells.Rang = bits =>
    {
        for (var i = 0; i < VntbModel.DoorbellBits; i++) told[side, i] += (long)(bits >> i & 1);
    };

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
