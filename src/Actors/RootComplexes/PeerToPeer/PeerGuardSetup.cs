using PcieFabric.ConfigSpaces;
using PcieFabric.Input;
using PcieFabric.Ports;
using PcieFabric.RootComplexes.Enumeration;

namespace PcieFabric.RootComplexes.PeerToPeer;

/// <summary>Host software's side of the peer guards of one hierarchy: loads the allow-list into the root complex and into every switch port that has a guard, and changes it.</summary>
public sealed class PeerGuardSetup
{
    private readonly ConfigurationAccess _access;
    private readonly PeerGuard _ofRoot;
    private readonly EnumeratedHierarchy _hierarchy;
    private readonly IReadOnlyList<PeerPair> _listed;
    private readonly List<(Bdf Port, int Offset)> _ofPorts = [];

    private PeerGuardSetup(Host host, int number, EnumeratedHierarchy hierarchy)
    {
        _access = host.Configuration[number];
        _ofRoot = host.PeerGuards[number];
        _hierarchy = hierarchy;
        _listed = host.Hierarchies[number].PeerAllow ?? [];
    }

    /// <summary>Turns the root complex's guard on, tells all guards what enumeration found, and lets the pairs of the topology's list pass.</summary>
    /// <param name="number">Of the hierarchy among the host's.</param>
    /// <exception cref="InputException">More functions or pairs than a guard holds.</exception>
    public static async ValueTask<PeerGuardSetup> LoadAsync(Host host, int number, EnumeratedHierarchy hierarchy)
    {
        var setup = new PeerGuardSetup(host, number, hierarchy);
        await setup.FindGuardsAsync();
        await setup.TellFunctionsAsync();
        foreach (var (one, other) in setup._listed)
            if (one.Find(hierarchy) is { } first && other.Find(hierarchy) is { } second)
                await setup.AllowAsync(first, second);
        return setup;
    }

    /// <summary>Lets two functions reach each other from now on.</summary>
    /// <exception cref="InputException">More pairs than a guard holds.</exception>
    public async ValueTask AllowAsync(EnumeratedFunction one, EnumeratedFunction other)
    {
        if (!_ofRoot.Allow(one.Bdf, other.Bdf)) throw new InputException($"more than {Limits.GuardedPairs} pairs of functions may reach each other", "use ACS instead");
        await TellPortsAsync(one.Bdf, other.Bdf, PeerGuardCapability.AllowBit);
    }

    /// <summary>Requests between them that come to a guard from now on are refused.</summary>
    public async ValueTask RevokeAsync(EnumeratedFunction one, EnumeratedFunction other)
    {
        _ofRoot.Revoke(one.Bdf, other.Bdf);
        await TellPortsAsync(one.Bdf, other.Bdf, PeerGuardCapability.RevokeBit);
    }

    private async ValueTask FindGuardsAsync()
    {
        foreach (var function in _hierarchy.Functions)
        {
            foreach (var (id, offset) in function.ExtendedCapabilities)
            {
                if (id != ExtendedCapabilityId.VendorSpecific) continue;
                if ((ushort)await _access.ReadAsync(function.Bdf, offset + 4) == PeerGuardCapability.VsecId) _ofPorts.Add((function.Bdf, offset));
            }
        }
    }

    private async ValueTask TellFunctionsAsync()
    {
        _ofRoot.Clear();
        _ofRoot.IsEnabled = true;
        foreach (var (port, offset) in _ofPorts)
            await _access.WriteAsync(port, offset + PeerGuardCapability.ControlOffset, PeerGuardCapability.EnableBit | PeerGuardCapability.ClearBit);
        foreach (var function in _hierarchy.Functions)
        {
            foreach (var bar in function.Bars)
            {
                if (function.IsBridge || bar.Kind == BarKind.Io) continue;
                if (!_ofRoot.AddFunction(function.Bdf, bar.Range)) throw new InputException($"a peer guard tells no more than {Limits.GuardedRanges} BARs apart", "leave 'allow' out, and use ACS instead");
                foreach (var (port, offset) in _ofPorts)
                {
                    await _access.WriteAsync(port, offset + PeerGuardCapability.BaseOffset, (uint)bar.Range.Base);
                    await _access.WriteAsync(port, offset + PeerGuardCapability.BaseOffset + 4, (uint)(bar.Range.Base >> 32));
                    await _access.WriteAsync(port, offset + PeerGuardCapability.SizeOffset, (uint)bar.Range.Size);
                    await _access.WriteAsync(port, offset + PeerGuardCapability.SizeOffset + 4, (uint)(bar.Range.Size >> 32));
                    await TellPortAsync(port, offset, function.Bdf, default, PeerGuardCapability.AddFunctionBit);
                }
            }
        }
    }

    private async ValueTask TellPortsAsync(Bdf one, Bdf other, uint operation)
    {
        foreach (var (port, offset) in _ofPorts) await TellPortAsync(port, offset, one, other, operation);
    }

    private async ValueTask TellPortAsync(Bdf port, int offset, Bdf one, Bdf other, uint operation)
    {
        await _access.WriteAsync(port, offset + PeerGuardCapability.PairOffset, one.Value | (uint)other.Value << 16);
        await _access.WriteAsync(port, offset + PeerGuardCapability.ControlOffset, PeerGuardCapability.EnableBit | operation);
    }
}
