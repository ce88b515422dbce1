using PcieFabric.Doorbells;
using PcieFabric.HostDrivers;
using PcieFabric.Topologies.Building;

namespace PcieFabric.Experiments;

/// <summary>The host rings each doorbell again as soon as it was answered.</summary>
internal sealed class DoorbellStep(DoorbellWorkload workload, int sizeBytes) : Step
{
    private readonly List<Target> _targets = [];

    public override WorkloadDefinition Workload => workload;

    public override int SizeBytes => sizeBytes;

    public override IEnumerable<string> Awaited => _targets.Where(target => target.EndsPs.Contains(-1)).Select(target => target.Path);

    public override async Task RunAsync(HostSoftware software)
    {
        var operations = workload.WarmUp + workload.CountAt(sizeBytes);
        foreach (var function in software.Select(workload.Functions).Take(workload.FirstFunctions))
            _targets.Add(new Target(software, function.Path, await software.DoorbellsOfAsync(function), operations));
        await Task.WhenAll(_targets.SelectMany(target => Enumerable.Range(0, target.DoorbellsOf(workload)).Select(target.WorkAsync)));
    }

    public override IEnumerable<OperationLog> Logs(Fabric fabric) =>
        _targets.Select(target => new OperationLog(target.Host, IsRead: false, workload.WarmUp, target.StartsPs, target.EndsPs, target.Answers, sizeof(uint), Failed: 0));

    private sealed class Target
    {
        private readonly HostSoftware _software;
        private readonly EpfDoorbellDriver _driver;
        private int _next;

        public Target(HostSoftware software, string path, EpfDoorbellDriver driver, int operations)
        {
            (_software, Path, _driver) = (software, path, driver);
            (StartsPs, EndsPs) = (new long[operations], new long[operations]);
            StartsPs.AsSpan().Fill(-1);
            EndsPs.AsSpan().Fill(-1);
        }

        public string Path { get; }
        public string Host => _software.Name;
        public long[] StartsPs { get; }
        public long[] EndsPs { get; }
        public ArrivalLog Answers { get; } = new();

        /// <summary>All embedded doorbells are one, and an answer to it does not say which was meant.</summary>
        public int DoorbellsOf(DoorbellWorkload workload) => _driver.Kind == DoorbellKind.Embedded ? 1 : Math.Min(workload.Doorbells, _driver.Count);

        public async Task WorkAsync(int doorbell)
        {
            var host = _software.Host;
            while (_next < StartsPs.Length)
            {
                var operation = _next++;
                StartsPs[operation] = host.Now.Picoseconds;
                await _driver.RingAndWaitAsync(doorbell);
                EndsPs[operation] = host.Now.Picoseconds;
                Answers.Add(EndsPs[operation], sizeof(uint));
            }
        }
    }
}
