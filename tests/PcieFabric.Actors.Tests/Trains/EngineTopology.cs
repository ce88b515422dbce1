using PcieFabric.Actors.Tests.Fabrics;
using PcieFabric.EndpointControllers.Profiles;
using PcieFabric.Links;
using PcieFabric.Topologies;

namespace PcieFabric.Actors.Tests.Trains;

/// <summary>Draws fabrics of one to three endpoint controllers with DMA engines of every kind, below up to three switches or none, with links that grant plenty or little.</summary>
internal sealed class EngineTopology(Random random)
{
    public const string Model = "engine";

    private int _parts;
    private int _controllers;

    public TopologyDefinition Draw() => Parts.Host([.. Enumerable.Range(0, random.Next(1, 3)).Select(_ => Port(0))]);

    private PortDefinition Port(int depth)
    {
        if (depth == 3 || _controllers == 3 || random.Next(2) == 0) return Parts.Port(Controller(), Link());
        var below = Enumerable.Range(0, random.Next(1, 3)).Select(_ => Port(depth + 1)).ToArray();
        return Parts.Port(new SwitchDefinition { Name = $"sw{_parts++}", Forwarding = Pick(Forwarding.CutThrough, Forwarding.StoreAndForward), Latency = SimTime.FromNanoseconds(random.Next(1, 200)), Ports = below }, Link());
    }

    private EndpointDefinition Controller()
    {
        _controllers++;
        var profile = ControllerProfiles.Find("qemu-epc")!;
        var functions = random.Next(4) == 0 ? 2 : 1;
        // Functions share channels, and each gets one of each direction.
        if (random.Next(4) > 0) profile = profile with { Dma = new DmaProfile(DmaKind.Embedded, random.Next(functions, 5), random.Next(functions, 5)) };
        if (random.Next(2) == 0) profile = profile with { InterruptController = null };
        var function = new FunctionDefinition { Name = $"f{_parts}", Model = Model, VendorId = 0x104C, DeviceId = 0xB500 };
        return new EndpointDefinition
        {
            Name = $"ep{_parts++}",
            Controller = profile,
            Functions = [.. Enumerable.Repeat(function, functions)],
            ReadLatency = SimTime.FromNanoseconds(random.Next(1, 300)),
        };
    }

    private LinkSettings Link()
    {
        var mps = Pick(128, 256, 512);
        var link = new LinkSettings
        {
            Generation = new LinkGeneration(random.Next(1, 7)),
            Width = new LinkWidth(Pick(1, 4, 8, 16)),
            Propagation = new SimTime(random.Next(1_000, 100_000)),
            MaxPayloadSize = mps,
            MaxReadRequestSize = Pick(128, 256, 512),
            ReadCompletionBoundary = Pick(64, 128),
        };
        var least = mps / 16;
        return random.Next(8) switch
        {
            0 => link with { Credits = new(new(1, least), new(1, 8), new(1, least)) },
            1 => link with { Credits = new(new(random.Next(8, 64), random.Next(8, 64) * least), new(random.Next(8, 64), 64), new(random.Next(8, 64), random.Next(8, 64) * least)) },
            2 => link with { Credits = default },
            3 => link with { DllpMode = Pick(DllpMode.Real, DllpMode.None) },
            _ => link,
        };
    }

    private T Pick<T>(params ReadOnlySpan<T> of) => of[random.Next(of.Length)];
}
