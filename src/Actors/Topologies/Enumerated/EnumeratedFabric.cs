using PcieFabric.Input;
using PcieFabric.RootComplexes;
using PcieFabric.RootComplexes.Enumeration;
using PcieFabric.Topologies.Building;

namespace PcieFabric.Topologies.Enumerated;

/// <summary>
/// A fabric as its hosts found it. Their software sees nothing but configuration TLPs; that what it found are the topology's parts, all of them and
/// nothing else, is checked here.
/// </summary>
public sealed class EnumeratedFabric
{
    private EnumeratedFabric(IReadOnlyList<EnumeratedHost> hosts) => Hosts = hosts;

    /// <summary>Those that enumerated, in the order of the topology.</summary>
    public IReadOnlyList<EnumeratedHost> Hosts { get; }

    /// <summary>Lets the firmware of hosts enumerate, and runs the fabric until they are done and it is at rest. It must not have run before.</summary>
    /// <param name="fabric">What to enumerate.</param>
    /// <param name="host">The one host that does it; null for all of them, side by side.</param>
    /// <param name="threads">At most one for each partition is used.</param>
    /// <param name="found">Called for each function found, by the thread that runs the host.</param>
    /// <param name="virtualFunctions">Hosts enable all virtual functions too.</param>
    /// <param name="cancellation">Ends the run between two turns of the engine.</param>
    /// <exception cref="InputException">There is no such host, or bus numbers or addresses do not suffice; it points at the host.</exception>
    public static EnumeratedFabric Enumerate(Fabric fabric, string? host = null, int threads = 1, Action? found = null, bool virtualFunctions = false, CancellationToken cancellation = default)
    {
        if (host is not null && !fabric.Hosts.ContainsKey(host))
            throw new InputException($"the topology has no host '{host}'", DidYouMean.For(host, fabric.Hosts.Keys) ?? $"hosts: {string.Join(", ", fabric.Hosts.Keys.Take(8))}");
        var surveys = fabric.Topology.Hosts.Index()
            .Where(entry => host is null || entry.Item.Name == host)
            .Select(entry => new Survey(entry.Item, entry.Index, virtualFunctions, found)).ToList();
        foreach (var survey in surveys)
            fabric.Hosts[survey.Definition.Name].Run(survey.RunAsync);
        fabric.RunUntil(() => surveys.TrueForAll(survey => survey.IsOver), threads: threads, cancellation: cancellation);
        return new EnumeratedFabric([.. surveys.Select(survey => survey.Place(fabric))]);
    }

    /// <summary>One host's software, and what came of it.</summary>
    private sealed class Survey(HostDefinition definition, int place, bool virtualFunctions, Action? found)
    {
        private IReadOnlyList<EnumeratedHierarchy> _hierarchies = [];
        private InputException? _failure;
        private SimTime _finished;

        public HostDefinition Definition => definition;

        public bool IsOver { get; private set; }

        public async Task RunAsync(Host host)
        {
            try
            {
                _hierarchies = await Firmware.BootAsync(host, definition, found, virtualFunctions);
            }
            catch (InputException wrong)
            {
                // Kept for the caller: an actor that throws is a bug of ours, and this is none.
                _failure = new InputException($"host '{definition.Name}' cannot enumerate: {wrong.Message}", wrong.Hint, definition.Source, wrong);
            }
            _finished = host.Now;
            IsOver = true;
        }

        public EnumeratedHost Place(Fabric fabric)
        {
            if (_failure is not null) throw _failure;
            if (_hierarchies.Count != definition.RootComplexes.Count)
                throw new InvalidOperationException($"Invariant: the fabric came to rest, and {definition.Name} has enumerated {_hierarchies.Count} of {definition.RootComplexes.Count} root complexes");
            var settings = fabric.Hosts[definition.Name].Settings.Hierarchies;
            return new EnumeratedHost(definition.Name, place, _finished,
                [.. _hierarchies.Select((hierarchy, i) => new EnumeratedSegment(settings[i], hierarchy, new FunctionPlacement(fabric, hierarchy).Of(definition, i)))]);
        }
    }
}
