using System.Runtime.ExceptionServices;
using PcieFabric.ConfigSpaces;
using PcieFabric.EndpointFunctions;
using PcieFabric.Engine;
using PcieFabric.Input;
using PcieFabric.RootComplexes;
using PcieFabric.TlpPaths;
using PcieFabric.Topologies;
using PcieFabric.Topologies.Building;

namespace PcieFabric.Experiments;

/// <summary>
/// An experiment on a fabric of its own. Every host enumerates what is below it and then does the workloads one after another, each for its own functions;
/// hosts know nothing of each other. The definition and the seed determine every message, whatever the partitions and threads.
/// </summary>
public sealed class ExperimentRun : IDisposable
{
    /// <summary>Functions that a line names of those that a host waits for.</summary>
    private const int MostNamed = 4;

    private readonly ExperimentDefinition _definition;
    private readonly ExperimentOptions _options;
    private readonly List<HostSoftware> _hosts = [];
    private readonly FabricDigest? _digest;
    private bool _executed;

    private ExperimentRun(ExperimentDefinition definition, ExperimentOptions options, Fabric fabric)
    {
        (_definition, _options, Fabric) = (definition, options, fabric);
        var paths = fabric.Engine.Paths;
        var taps = Taps(paths);
        fabric.Engine.Observe(_ => new AnalyserTaps(taps.Values, paths.Count));
        var ways = TlpWays.Watch(fabric.Engine);
        if (options.Digest) _digest = FabricDigest.Of(fabric.Engine);
        foreach (var host in definition.Topology.Hosts)
        {
            var software = new HostSoftware(host, [.. Steps()], taps, ways, fabric.Iommus.GetValueOrDefault(host.Name)?.Counters);
            _hosts.Add(software);
            fabric.Hosts[host.Name].Run(software.RunAsync);
        }
    }

    /// <summary>For observers, before the run; for what became of it, after.</summary>
    public Fabric Fabric { get; }

    /// <summary>The seed that the run has.</summary>
    public ulong Seed => _options.Seed ?? _definition.Seed;

    /// <summary>Builds the fabric and gives the hosts their software. Nothing runs yet.</summary>
    /// <exception cref="InputException">The topology or a workload asks for what cannot be.</exception>
    public static ExperimentRun Prepare(ExperimentDefinition definition, ExperimentOptions? options = null)
    {
        options ??= ExperimentOptions.Default;
        var fabric = FabricBuilder.Build(definition.Topology, new FabricOptions
        {
            Seed = options.Seed ?? definition.Seed,
            Partitions = options.Partitions ?? definition.Partitions,
            Models = options.Models,
        });
        try
        {
            RequireDma(definition, fabric);
            NtbWorkload.StartEchoes(definition, fabric);
            return new ExperimentRun(definition, options, fabric);
        }
        catch
        {
            fabric.Dispose();
            throw;
        }
    }

    /// <summary>Runs until nothing is left to happen, or hosts are done and only software of controllers goes on, or the time limit is reached. Once.</summary>
    /// <param name="progress">Called now and then.</param>
    /// <param name="turnEnded">Called between turns, with a time that all of the fabric has passed; no actor runs meanwhile.</param>
    /// <exception cref="InputException">Enumeration found no room for what the topology has.</exception>
    /// <exception cref="ActorFailedException">An actor of the fabric failed: a bug of ours.</exception>
    public ExperimentResult Execute(Action<ExperimentProgress>? progress = null, Action<SimTime>? turnEnded = null, CancellationToken cancellation = default)
    {
        if (_executed) throw new InvalidOperationException("Invariant: an experiment runs once; prepare another");
        _executed = true;
        var threads = _options.Threads ?? Math.Max(1, _definition.Threads);
        try
        {
            Fabric.RunUntil(() => _hosts.TrueForAll(host => host.FinishedAt is not null), _definition.TimeLimit, threads, now =>
            {
                progress?.Invoke(Progress(now));
                turnEnded?.Invoke(now);
            }, cancellation);
        }
        catch (ActorFailedException failure) when (failure.InnerException is InputException wrong)
        {
            ExceptionDispatchInfo.Throw(wrong);
        }
        return Result();
    }

    public void Dispose() => Fabric.Dispose();

    private ExperimentProgress Progress(SimTime now)
    {
        var (done, steps) = (0, 0);
        HostSoftware? busy = null;
        foreach (var host in _hosts)
        {
            done += host.StepsDone;
            steps += host.Steps.Count + 1;
            if (host.FinishedAt is null) busy ??= host;
        }
        return new ExperimentProgress(now, Fabric.Engine.Delivered, done, steps, busy?.Activity ?? "");
    }

    private ExperimentResult Result()
    {
        var measurements = new List<Measurement>();
        var ways = new List<WorkloadWay>();
        for (var step = 0; step < _hosts[0].Steps.Count; step++)
        {
            var like = _hosts[0].Steps[step];
            OperationLog[] logs = [.. _hosts.SelectMany(host => host.Steps[step].Logs(Fabric))];
            var translations = _hosts.Aggregate(default(TranslationLookups), (sum, host) => sum + host.Steps[step].Translations);
            measurements.AddRange(StepMeasurement.Of(like.Workload, like.SizeBytes, logs, translations));
            string[] way = [.. _hosts.SelectMany(host => host.Steps[step].Ways(Fabric)).Distinct()];
            if (way.Length > 0) ways.Add(new WorkloadWay(like.Workload.Name, like.SizeBytes, like.Workload.Point, string.Join("; ", way)));
        }
        var unfinished = Unfinished().ToList();
        return new ExperimentResult
        {
            Experiment = _definition,
            Seed = Seed,
            Measurements = measurements,
            Ways = ways,
            Checks = [.. _definition.Workloads.DistinctBy(workload => workload.Name).SelectMany(workload => workload.Checks).Select(check => check.Evaluate(measurements))],
            Counters = [.. ErrorCounters.Of(Fabric)],
            Unfinished = unfinished,
            VirtualTime = _hosts.All(host => host.FinishedAt is not null) ? _hosts.Max(host => host.FinishedAt!.Value) : Fabric.Engine.Now,
            Messages = Fabric.Engine.Delivered,
            Trains = Fabric.Engine.Trains,
            Digest = _digest?.Value,
        };
    }

    private IEnumerable<string> Unfinished()
    {
        foreach (var host in _hosts.Where(host => host.FinishedAt is null))
        {
            List<string> awaited = [.. host.Awaited];
            var named = string.Join(", ", awaited.Take(MostNamed)) + (awaited.Count > MostNamed ? $" and {awaited.Count - MostNamed} more" : "");
            yield return $"{host.Name} still waits in {host.Activity}{(awaited.Count == 0 ? "" : $" for {named}")}";
        }
        foreach (var (path, failure) in Fabric.Engine.Stopped)
            yield return $"{path} failed: {failure.Message}";
    }

    private IEnumerable<Step> Steps() => _definition.Workloads.SelectMany(workload => workload.SizesBytes.Select(workload.StepAt));

    /// <summary>One in front of each host's memory, of each endpoint and of each controller, by path.</summary>
    private Dictionary<string, AnalyserTap> Taps(IReadOnlyList<ActorPath> paths)
    {
        var taps = new Dictionary<string, AnalyserTap>(StringComparer.Ordinal);
        for (var receiver = 0; receiver < paths.Count; receiver++)
        {
            var path = paths[receiver].Value;
            if (Fabric.Hosts.ContainsKey(path)) taps.Add(path, AnalyserTap.BeforeMemory(receiver));
            else if (Fabric.Endpoints.ContainsKey(path)) taps.Add(path, AnalyserTap.BeforeEndpoint(receiver));
            else if (Fabric.Controllers.ContainsKey(path)) taps.Add(path, AnalyserTap.BeforeController(receiver));
        }
        return taps;
    }

    private static void RequireDma(ExperimentDefinition definition, Fabric fabric)
    {
        foreach (var workload in definition.Workloads.Where(workload => workload is DmaWorkload or PeerCopyWorkload))
        {
            foreach (var function in TopologyInstances.Functions(definition.Topology).Where(function => workload.Functions.Matches(function.Path)))
            {
                if (!DmaTestRuns.Exist(fabric, function.Path))
                    throw new InputException($"{function.Path} does no DMA on demand: its model is '{function.Function.Model}'", "select functions with the model 'dma-test'", workload.Functions.Source);
                if (!function.Function.Bars.Any(bar => bar.Index == 0 && bar.Kind != BarKind.Io && bar.Size >= DmaTest.RegisterBytes))
                    throw new InputException($"{function.Path} cannot be told to do DMA: it has no memory BAR0 for its registers", $"give it one of at least {DmaTest.RegisterBytes} B", workload.Functions.Source);
            }
        }
    }
}
