using System.Diagnostics;
using PcieFabric.Engine;
using PcieFabric.Units;

namespace PcieFabric.Cli.Benchmarks;

/// <summary>The engine alone: actors that pass one message on in a ring. The bound for everything that is made of messages.</summary>
internal sealed class EngineBenchmark : IBenchmark
{
    private const int Actors = 4;
    private const int Messages = 20_000_000;

    public string Name => "engine";

    public string Description => "messages passed on by actors that do nothing else";

    public IReadOnlyList<Figure> Run(CancellationToken cancellation)
    {
        using var engine = new DeterministicEngine();
        var ring = Enumerable.Range(0, Actors).Select(_ => new Passer()).ToArray();
        for (var i = 0; i < Actors; i++) engine.Spawn(new Props(new ActorPath($"passer{i}"), ring[i]));
        for (var i = 0; i < Actors; i++) ring[i].Next = engine.Connect(ring[i], ring[(i + 1) % Actors], 1, new SimTime(1));
        engine.Run(new SimTime(Messages / 10), cancellation: cancellation);
        var before = engine.Delivered;
        var watch = Stopwatch.StartNew();
        engine.Run(new SimTime(Messages), cancellation: cancellation);
        var delivered = engine.Delivered - before;
        return
        [
            new Figure("messages", delivered / watch.Elapsed.TotalSeconds, "1/s", MoreIsBetter: true),
            new Figure("time a message", watch.Elapsed.TotalNanoseconds / delivered, "ns", MoreIsBetter: false),
        ];
    }

    private sealed class Passer : Actor
    {
        public ActorRef? Next { get; set; }

        protected override void Started() => Context.Schedule(1, default);

        public override void Receive(ref readonly Message message) => Next!.Tell(in message, Context.NowPs + Actors);
    }
}
