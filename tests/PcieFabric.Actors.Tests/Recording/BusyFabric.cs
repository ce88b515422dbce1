using PcieFabric.Actors.Tests.Documents;
using PcieFabric.EndpointFunctions;
using PcieFabric.Recording;
using PcieFabric.RootComplexes;
using PcieFabric.RootComplexes.Enumeration;
using PcieFabric.Topologies;
using PcieFabric.Topologies.Building;
using PcieFabric.Topologies.Reading;
using PcieFabric.Units;

namespace PcieFabric.Actors.Tests.Recording;

/// <summary>A shipped topology whose host enumerates and has every function copy something; everything about it can be varied.</summary>
internal sealed record BusyFabric(string Topology = "one-switch")
{
    public ulong Seed { get; init; } = 1;
    public int Partitions { get; init; } = 1;
    public int Threads { get; init; } = 1;
    public SimTime Thinks { get; init; } = SimTime.FromNanoseconds(100);

    /// <summary>Cards that are started, the others only enumerated.</summary>
    public int Cards { get; init; } = 8;

    /// <summary>Makes the host's second program fail at the end.</summary>
    public bool Fails { get; init; }

    public FabricRun Build()
    {
        var topology = TopologyReader.Read(Path.Combine(Shipped.Config, "topologies", Topology + ".yaml"));
        var models = new Dictionary<string, Func<FunctionDefinition, EndpointFunction?>> { ["dma-test"] = _ => new BusyCard(Thinks) };
        var fabric = FabricBuilder.Build(topology, new FabricOptions { Seed = Seed, Partitions = Partitions, Models = models });
        foreach (var root in fabric.Hosts.Values) root.Run(DriveAsync);
        return new FabricRun(fabric, () => fabric.Engine.Run(threads: Threads));
    }

    public byte[] Record(RecorderOptions? options = null)
    {
        using var run = Build();
        using var stream = new MemoryStream();
        using var recorder = JournalRecorder.Create(stream, run.Fabric.Engine, options);
        run.Execute();
        recorder.Finish();
        return stream.ToArray();
    }

    private async Task DriveAsync(Host host)
    {
        var window = host.Hierarchies[0];
        var tree = await new Enumerator(host.Configuration[0], new EnumeratorOptions { Memory = window.Memory, PrefetchableMemory = window.Prefetchable, Io = window.Io }).RunAsync();
        var cards = tree.Functions.Where(f => !f.IsBridge && f.Bars.Count > 0).Take(Cards).ToList();
        foreach (var card in cards)
        {
            var buffer = host.Memory.Allocate(0x2000, 0x1000);
            host.Random.Fill(host.Memory.Span(buffer, BusyCard.CopiedBytes));
            var bar = card.Bars[0].Range.Base;
            await host.Write32Async(bar + BusyCard.Address, (uint)buffer);
            await host.Write32Async(bar, 1);
        }
        foreach (var card in cards)
            while (await host.Read32Async(card.Bars[0].Range.Base) != 0) await host.DelayAsync(SimTime.FromNanoseconds(500));
        if (Fails) throw new InvalidOperationException("the driver is broken");
    }
}
