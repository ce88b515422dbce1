using PcieFabric.Engine;
using PcieFabric.Input;
using PcieFabric.RootComplexes;
using PcieFabric.RootComplexes.Enumeration;
using PcieFabric.Topologies;
using PcieFabric.Topologies.Building;
using PcieFabric.Topologies.Enumerated;

namespace PcieFabric.Gateways;

/// <summary>
/// A fabric with a gateway for each host, and the firmware that brings it up. Made from the same topology and seed it is the same, whether somebody is outside or a journal says what they did.
/// </summary>
public sealed class GatewayFabric : IDisposable
{
    /// <summary>What software waits before it looks at a device that has just got its power (PCIe 6.0 section 6.6.1).</summary>
    public static readonly SimTime PowerUp = SimTime.FromMilliseconds(100);

    private static readonly SimTime LongestBringUp = SimTime.FromSeconds(600);

    private readonly List<LocatedFunction>[] _functions;
    private readonly InputException?[] _failures;
    private int _finished;

    private GatewayFabric(Fabric fabric, AttachMode mode, Func<int, IOutside> outsideOf)
    {
        (Fabric, Mode) = (fabric, mode);
        Gateways = [.. fabric.Hosts.Values.Select((host, i) => new Gateway(host, outsideOf(i)))];
        _functions = [.. fabric.Hosts.Values.Select(_ => new List<LocatedFunction>())];
        _failures = new InputException?[_functions.Length];
        for (var i = 0; i < _functions.Length; i++)
        {
            var place = i;
            fabric.Hosts[fabric.Topology.Hosts[i].Name].Run(host => BringUpAsync(host, place));
        }
    }

    public Fabric Fabric { get; }

    public AttachMode Mode { get; }

    /// <summary>In the order of the hosts.</summary>
    public IReadOnlyList<Gateway> Gateways { get; }

    /// <param name="options">Its seed and models count; the rest is settled.</param>
    /// <param name="outsideOf">What is outside of a host, by its number.</param>
    /// <exception cref="InputException">The topology asks for what cannot be.</exception>
    public static GatewayFabric Build(TopologyDefinition topology, FabricOptions options, AttachMode mode, Func<int, IOutside> outsideOf)
    {
        foreach (var host in topology.Hosts)
        {
            if (host.Iommu is not null)
                throw new InputException($"host '{host.Name}' has an IOMMU, and what attaches from outside has its own memory and none", "leave 'iommu' out", host.Source);
        }
        var fabric = FabricBuilder.Build(topology, options with { Partitions = 1, HasInputs = true });
        try
        {
            return new GatewayFabric(fabric, mode, outsideOf);
        }
        catch
        {
            fabric.Dispose();
            throw;
        }
    }

    /// <summary>The functions of a host that have no functions below them, as firmware found them. After <see cref="BringUp"/>; in a hierarchy nobody has looked.</summary>
    public IReadOnlyList<LocatedFunction> FunctionsOf(int host) => _functions[host];

    /// <summary>Runs until the links are up and the firmware is done.</summary>
    /// <exception cref="InputException">Bus numbers or addresses do not suffice; it points at the host.</exception>
    public void BringUp(CancellationToken cancellation = default)
    {
        while (_finished < _functions.Length)
        {
            var until = Fabric.Engine.Now + SimTime.FromMilliseconds(1);
            if (until > LongestBringUp) throw new InvalidOperationException("Invariant: firmware comes to its end");
            Fabric.Engine.Run(until, cancellation: cancellation);
        }
        if (_failures.OfType<InputException>().FirstOrDefault() is { } failure) throw failure;
    }

    public void Dispose() => Fabric.Dispose();

    private async Task BringUpAsync(Host host, int place)
    {
        var definition = Fabric.Topology.Hosts[place];
        try
        {
            await host.DelayAsync(PowerUp);
            for (var hierarchy = 0; Mode == AttachMode.Functions && hierarchy < host.Hierarchies.Count; hierarchy++)
            {
                var windows = host.Hierarchies[hierarchy];
                var options = new EnumeratorOptions { Memory = windows.Memory, PrefetchableMemory = windows.Prefetchable, Io = windows.Io };
                var found = await new Enumerator(host.Configuration[hierarchy], options).RunAsync();
                await RedirectPeersAsync(host.Configuration[hierarchy], found);
                _functions[place].AddRange(LocatedFunction.In(definition, hierarchy, found));
            }
        }
        catch (InputException wrong)
        {
            // Kept for the caller: an actor that throws is a bug of ours, and this is none.
            _failures[place] = new InputException($"host '{definition.Name}' cannot enumerate: {wrong.Message}", wrong.Hint, definition.Source, wrong);
        }
        _finished++;
    }

    /// <summary>
    /// The addresses of a guest are not those of the fabric, so that ports must send all requests up, where they are known, and not to the peer that they take them to be for
    /// (PCIe 6.0 section 6.12). As Linux enables ACS where an IOMMU is.
    /// </summary>
    private static async ValueTask RedirectPeersAsync(ConfigurationAccess configuration, EnumeratedHierarchy found)
    {
        const int CapabilityOffset = 4, ControlShift = 16;
        const uint Redirects = (uint)(AcsControls.PeerRequestRedirect | AcsControls.PeerCompletionRedirect | AcsControls.UpstreamForwarding);
        foreach (var port in found.Functions.Where(function => function.PciExpress?.PortType is PortType.RootPort or PortType.DownstreamSwitchPort))
        {
            if (port.FindExtendedCapability(ExtendedCapabilityId.AccessControlServices) is not { } acs) continue;
            var offered = await configuration.ReadAsync(port.Bdf, acs + CapabilityOffset);
            await configuration.WriteAsync(port.Bdf, acs + CapabilityOffset, (offered & Redirects) << ControlShift, byteEnables: 12);
        }
    }
}
