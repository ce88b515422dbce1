using PcieFabric.Input;
using PcieFabric.RootComplexes;
using PcieFabric.RootComplexes.Enumeration;
using PcieFabric.RootComplexes.PeerToPeer;

namespace PcieFabric.Topologies.Enumerated;

/// <summary>What the firmware of a host does before any driver: waits for endpoint controllers to come up, enumerates, and loads the topology's allow-lists of peers.</summary>
public static class Firmware
{
    /// <summary>How long links may take to come up and functions to answer (PCIe 6.0 section 6.6.1).</summary>
    public static readonly SimTime Patience = SimTime.FromMilliseconds(100);

    /// <param name="host">The host itself.</param>
    /// <param name="definition">What the topology says of it. Without a controller below it there is nothing to wait for: all other links are up at the start.</param>
    /// <param name="found">Called for each function found.</param>
    /// <param name="virtualFunctions">All virtual functions that functions have are enabled too.</param>
    /// <returns>What is below each of its root complexes, in their order.</returns>
    /// <exception cref="InputException">Bus numbers, addresses or guards do not suffice.</exception>
    public static async Task<IReadOnlyList<EnumeratedHierarchy>> BootAsync(Host host, HostDefinition definition, Action? found = null, bool virtualFunctions = false)
    {
        if (TopologyInstances.Of(definition).Any(instance => instance.Part is EndpointDefinition { Controller: not null })) await host.DelayAsync(Patience);
        var hierarchies = new List<EnumeratedHierarchy>();
        for (var i = 0; i < host.Hierarchies.Count; i++)
        {
            var windows = host.Hierarchies[i];
            var options = new EnumeratorOptions
            {
                Memory = windows.Memory,
                PrefetchableMemory = windows.Prefetchable,
                Io = windows.Io,
                VirtualFunctions = virtualFunctions ? int.MaxValue : 0,
                Progress = found is null ? null : _ => found(),
            };
            var hierarchy = await new Enumerator(host.Configuration[i], options).RunAsync();
            if (windows.PeerAllow is not null) await PeerGuardSetup.LoadAsync(host, i, hierarchy);
            hierarchies.Add(hierarchy);
        }
        return hierarchies;
    }
}
