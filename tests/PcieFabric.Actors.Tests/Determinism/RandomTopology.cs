using PcieFabric.Actors.Tests.Fabrics;
using PcieFabric.Addressing;
using PcieFabric.Links;
using PcieFabric.RootComplexes;
using PcieFabric.Topologies;

namespace PcieFabric.Actors.Tests.Determinism;

/// <summary>Draws fabrics: one or two hosts, root complexes, switches to a depth of three, endpoints of several functions, and links of every kind.</summary>
/// <param name="scale">How much larger memory is, of hosts and functions.</param>
internal sealed class RandomTopology(Random random, int scale = 1)
{
    private const int MostEndpoints = 8;

    private int _parts;
    private int _endpoints;

    public TopologyDefinition Draw()
    {
        var hosts = Enumerable.Range(0, random.Next(4) == 0 ? 2 : 1).Select(Host).ToArray();
        return new TopologyDefinition { Name = "random", Hosts = hosts };
    }

    private HostDefinition Host(int number)
    {
        var roots = random.Next(3) == 0 ? 2 : 1;
        return new HostDefinition
        {
            Name = $"host{number}",
            MemoryBytes = 4ul * (ulong)scale << 20,
            MemoryLatency = SimTime.FromNanoseconds(random.Next(1, 300)),
            RootComplexes = [.. Enumerable.Range(0, roots).Select(root => Root(root, roots))],
        };
    }

    private RootComplexDefinition Root(int number, int of) => new()
    {
        Name = of == 1 ? "" : $"rc{number}",
        Segment = number,
        MemoryWindow = new AddressRange(0x8000_0000 + (ulong)number * 0x1000_0000, 0x1000_0000),
        PrefetchableWindow = new AddressRange((1ul << 40) + ((ulong)number << 32), 1ul << 32),
        IoWindow = new AddressRange(0x1000 + (ulong)number * 0x7000, 0x7000),
        PeerToPeer = Pick(PeerToPeerPolicy.Full, PeerToPeerPolicy.Full, PeerToPeerPolicy.WritesOnly, PeerToPeerPolicy.None),
        Ports = [.. Enumerable.Range(0, random.Next(1, 4)).Select(i => Port(depth: 0, mustHold: i == 0))],
    };

    private PortDefinition Port(int depth, bool mustHold)
    {
        if (!mustHold && (_endpoints >= MostEndpoints || random.Next(6) == 0)) return Parts.Port(null, Link());
        PartDefinition part = depth < 3 && random.Next(5) < 2 ? Switch(depth) : Endpoint();
        return Parts.Port(part, Link());
    }

    private SwitchDefinition Switch(int depth) => new()
    {
        Name = $"sw{_parts++}",
        Forwarding = Pick(Forwarding.CutThrough, Forwarding.StoreAndForward),
        Latency = SimTime.FromNanoseconds(random.Next(1, 200)),
        Ports = [.. Enumerable.Range(0, random.Next(1, 4)).Select(i => Port(depth + 1, mustHold: i == 0))],
    };

    private EndpointDefinition Endpoint()
    {
        _endpoints++;
        var ari = random.Next(4) == 0;
        var functions = random.Next(4) == 0 ? random.Next(2, ari ? 12 : 5) : 1;
        var kind = Parts.Function($"f{_parts}", interruptPin: random.Next(5), io: random.Next(4) == 0, memoryBytes: 65536ul * (ulong)scale);
        return new EndpointDefinition { Name = $"ep{_parts++}", Ari = ari, Functions = [.. Enumerable.Repeat(kind, functions)] };
    }

    private LinkSettings Link()
    {
        var mps = Pick(128, 256, 512);
        var link = new LinkSettings
        {
            Generation = new LinkGeneration(random.Next(1, 7)),
            Width = new LinkWidth(Pick(1, 2, 4, 8, 16)),
            Propagation = new SimTime(random.Next(1_000, 100_000)),
            MaxPayloadSize = mps,
            MaxReadRequestSize = Pick(128, 512, 4096),
            ReadCompletionBoundary = Pick(64, 128),
            DllpMode = Pick(DllpMode.RateFactor, DllpMode.Real, DllpMode.None),
        };
        return random.Next(3) switch
        {
            0 => link,
            1 => link with { Credits = new(new(1, mps / 16), new(1, 8), new(1, mps / 16)) },
            _ => link with { Credits = new(Limit(mps / 16), Limit(8), Limit(mps / 16)) },
        };
    }

    private CreditLimit Limit(int least) => new(Pick(0, random.Next(1, 20)), Pick(0, random.Next(least, 4 * least)));

    private T Pick<T>(params ReadOnlySpan<T> of) => of[random.Next(of.Length)];
}
