using PcieFabric.Addressing;
using PcieFabric.EndpointFunctions;
using PcieFabric.RootComplexes;
using PcieFabric.RootComplexes.Enumeration;
using PcieFabric.Topologies;
using PcieFabric.Topologies.Building;
using PcieFabric.Units;

namespace PcieFabric.Cli.Benchmarks;

/// <summary>A rack whose endpoints, once their host has found them all, write into each other's BARs without end.</summary>
internal sealed class RackTraffic : IDisposable
{
    private const int BlockBytes = 4096;
    private const int BlocksInFlight = 4;
    private static readonly SimTime StartUp = SimTime.FromMilliseconds(1);

    private readonly Fabric _fabric;
    private readonly int _partitions;
    private SimTime _until;

    /// <param name="target">From an endpoint of a host, and the number of a block, the endpoint of that host to write it to. May exceed their number.</param>
    public RackTraffic(TopologyDefinition topology, int partitions, Func<int, int, int> target, CancellationToken cancellation)
    {
        _partitions = partitions;
        _fabric = FabricBuilder.Build(topology, new FabricOptions
        {
            Partitions = partitions,
            Models = new Dictionary<string, Func<FunctionDefinition, EndpointFunction?>> { ["dma-test"] = _ => new Writer() },
        });
        var started = 0;
        foreach (var (name, rootComplex) in _fabric.Hosts)
        {
            var writers = _fabric.Functions.Where(f => f.Key.StartsWith(name + "/", StringComparison.Ordinal) && f.Key.EndsWith("/fn0", StringComparison.Ordinal))
                .Select(f => (Writer)f.Value.Function).ToList();
            rootComplex.Run(async host =>
            {
                await StartAsync(host, writers, target);
                Interlocked.Increment(ref started);
            });
        }
        while (Volatile.Read(ref started) < _fabric.Hosts.Count) GoOn(StartUp, cancellation);
    }

    /// <summary>The other of two neighbours at one switch.</summary>
    public static int ToNeighbour(int endpoint, int block) => endpoint ^ 1;

    /// <summary>Each in turn, beginning behind itself.</summary>
    public static int ToAll(int endpoint, int block) => endpoint + 1 + block % 127;

    public long Delivered => _fabric.Engine.Delivered;

    public long DeliveredByBusiest => _fabric.Engine.DeliveredByBusiest;

    public void GoOn(SimTime time, CancellationToken cancellation)
    {
        _until += time;
        _fabric.Engine.Run(_until, _partitions, cancellation: cancellation);
    }

    public void Dispose() => _fabric.Dispose();

    private static async Task StartAsync(Host host, List<Writer> writers, Func<int, int, int> target)
    {
        var hierarchy = host.Hierarchies[0];
        var found = await new Enumerator(host.Configuration[0], new EnumeratorOptions { Memory = hierarchy.Memory, PrefetchableMemory = hierarchy.Prefetchable }).RunAsync();
        var bars = found.Functions.Where(f => !f.IsBridge && f.Bdf.Function == 0).Select(f => f.FindBar(0)!.Range.Base).ToArray();
        if (bars.Length != writers.Count) throw new InvalidOperationException($"Invariant: the host found {bars.Length} of its {writers.Count} endpoints");
        for (var i = 0; i < bars.Length; i++)
        {
            var number = i;
            writers[i].Target = block => bars[target(number, block) % bars.Length] + Writer.RegisterBytes;
        }
        foreach (var bar in bars) await host.Write32Async(bar, 1);
    }

    /// <summary>Writes block after block, from when its doorbell rings. Behind the doorbell's page its BAR is memory.</summary>
    private sealed class Writer : EndpointFunction
    {
        public const ulong RegisterBytes = 4096;

        private readonly byte[] _data = new byte[BlockBytes];
        private int _block;

        public Func<int, ulong>? Target { get; set; }

        protected override AddressRange RegistersIn(int bar, ulong sizeBytes) => new(0, RegisterBytes);

        protected override void WriteRegister(int bar, ulong offset, uint value, int byteEnables)
        {
            for (var i = 0; i < BlocksInFlight; i++) Start(WriteAsync);
        }

        private async Task WriteAsync()
        {
            while (true) await DmaWriteAsync(Target!(_block++), _data);
        }
    }
}
