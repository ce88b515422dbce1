using PcieFabric.Topologies.Enumerated;
using PcieFabric.EndpointFunctions;
using PcieFabric.Topologies.Building;

namespace PcieFabric.Experiments;

/// <summary>The host reads or writes a BAR of each function, with so many accesses to each under way.</summary>
internal sealed class MmioStep(MmioWorkload workload, int sizeBytes) : Step
{
    private readonly List<Target> _targets = [];

    public override WorkloadDefinition Workload => workload;

    public override int SizeBytes => sizeBytes;

    public override IEnumerable<string> Awaited => _targets.Where(target => target.EndsPs[^1] < 0).Select(target => target.Function.Path);

    public override async Task RunAsync(HostSoftware software)
    {
        var pattern = new TestPattern(software.NextSeed(), sizeBytes);
        foreach (var function in software.Select(workload.Functions)) _targets.Add(new Target(software, workload, sizeBytes, function, pattern.Of(0)));
        if (_targets.Count == 0) return;
        var taps = _targets.Where(target => target.Stream is not null).GroupBy(target => software.TapOf(target.Function)).ToList();
        foreach (var target in _targets.Where(target => !workload.IsWrite && target.IsMemory)) await software.Host.WriteAsync(target.Address, target.Data);
        foreach (var tap in taps) tap.Key.Watch(tap.Select(target => target.Stream!), []);
        await Task.WhenAll(_targets.SelectMany(target => Enumerable.Range(0, workload.Outstanding).Select(_ => target.WorkAsync())));
        // Reading back also makes sure that the last posted write has arrived.
        foreach (var target in _targets.Where(target => workload.IsWrite)) await target.ReadBackAsync();
        foreach (var tap in taps) tap.Key.WatchNothing();
    }

    public override IEnumerable<OperationLog> Logs(Fabric fabric) =>
        _targets.Select(target => new OperationLog(target.Host, !workload.IsWrite, workload.WarmUp, target.StartsPs, target.EndsPs, target.Arrivals, target.CarriedBytes, target.Failed));

    private sealed class Target
    {
        private readonly HostSoftware _software;
        private readonly bool _isWrite;
        private int _next;

        public Target(HostSoftware software, MmioWorkload workload, int sizeBytes, LocatedFunction function, Memory<byte> data)
        {
            (_software, _isWrite, Function, Data) = (software, workload.IsWrite, function, data);
            Address = function.AddressOf(workload.Bar) + workload.OffsetBytes;
            // Of another model's registers nobody knows what they hold.
            IsMemory = function.Definition.Model is "memory" or "dma-test";
            var operations = workload.WarmUp + workload.CountAt(sizeBytes);
            StartsPs = new long[operations];
            StartsPs.AsSpan().Fill(-1);
            if (_isWrite) Stream = new WriteStream(software.Host.Requesters[function.Hierarchy].Id, Address, sizeBytes, 1, sizeBytes + 3 & ~3, operations);
            Arrivals = Stream?.Arrivals ?? new ArrivalLog();
            EndsPs = Stream?.EndsPs ?? new long[operations];
            if (!_isWrite) EndsPs.AsSpan().Fill(-1);
        }

        public LocatedFunction Function { get; }
        public ulong Address { get; }
        public Memory<byte> Data { get; }
        public bool IsMemory { get; }
        public WriteStream? Stream { get; }
        public long[] StartsPs { get; }
        public long[] EndsPs { get; }
        public ArrivalLog Arrivals { get; }
        public int CarriedBytes => (int)(Address & 3) + Data.Length + 3 & ~3;
        public int Failed { get; private set; }
        public string Host => _software.Name;

        public async Task WorkAsync()
        {
            var host = _software.Host;
            var into = new byte[_isWrite ? 0 : Data.Length];
            while (_next < StartsPs.Length)
            {
                var operation = _next++;
                StartsPs[operation] = host.Now.Picoseconds;
                if (_isWrite)
                {
                    await host.WriteAsync(Address, Data);
                    continue;
                }
                var result = await host.ReadAsync(Address, into);
                EndsPs[operation] = host.Now.Picoseconds;
                Arrivals.Add(EndsPs[operation], CarriedBytes);
                if (!result.IsSuccess || (IsMemory && !into.AsSpan().SequenceEqual(Data.Span))) Failed++;
            }
        }

        public async Task ReadBackAsync()
        {
            var into = new byte[Data.Length];
            var result = await _software.Host.ReadAsync(Address, into);
            if (IsMemory && (!result.IsSuccess || !into.AsSpan().SequenceEqual(Data.Span))) Failed++;
        }
    }
}
