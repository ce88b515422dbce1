using PcieFabric.Engine;

namespace PcieFabric.Actors.Tests.Engine;

/// <summary>Toys on an engine, wired as a test says.</summary>
internal sealed class ToyEngine : IDisposable
{
    private readonly int _maxDelayPs;

    public ToyEngine(int partitions = 1, ulong seed = 1, int maxDelayPs = 1000) =>
        (Engine, _maxDelayPs) = (new DeterministicEngine(seed, partitions), maxDelayPs);

    public DeterministicEngine Engine { get; }

    public List<Toy> Toys { get; } = [];

    public Toy Add(string name, int partition = 0, SupervisorDirective onFailure = SupervisorDirective.Escalate)
    {
        var toy = new Toy(_maxDelayPs);
        Toys.Add(toy);
        Engine.Spawn(new Props(new ActorPath(name), toy, partition, onFailure));
        return toy;
    }

    public void Connect(Toy from, Toy to, long lookAheadPs, int inlet = 1) =>
        from.Connect(Engine.Connect(from, to, inlet, new SimTime(lookAheadPs)), lookAheadPs);

    /// <summary>A random net of toys, dealt out to all partitions, each with something to do from the start.</summary>
    /// <param name="plan">Deals them out at random; null in their order.</param>
    public static ToyEngine Random(int seed, int partitions, Random? plan = null)
    {
        var random = new Random(seed);
        var net = new ToyEngine(partitions, (ulong)seed, random.Next(1, 3000));
        // Toys have little to do: half of the nets share it all the same, and some each turn in its own way.
        net.Engine.LeastToShare = plan?.Next(4) switch { 0 => EngineLimits.LeastToShare, 1 => 2, _ => 0 };
        var toys = random.Next(2, 12);
        for (var i = 0; i < toys; i++) net.Add($"toy{i}", plan?.Next(partitions) ?? i * partitions / toys);
        for (var i = 0; i < 3 * toys; i++) net.Connect(net.Toys[random.Next(toys)], net.Toys[random.Next(toys)], random.Next(1, 2000), i + 1);
        foreach (var toy in net.Toys) toy.Here.Schedule(1 + random.Next(500), new PcieFabric.Engine.Timer(25, 0));
        return net;
    }

    public ulong[] Digests => [.. Toys.Select(t => t.Seen)];

    public void Dispose() => Engine.Dispose();
}
