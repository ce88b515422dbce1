using PcieFabric.Actors.Tests.Fabrics;
using PcieFabric.Links;
using PcieFabric.RootComplexes.Enumeration;
using PcieFabric.Topologies;

namespace PcieFabric.Actors.Tests.Switches;

public class DeadlockTests
{
    /// <summary>
    /// Two trees of switches, three deep, with the fewest credits that links can have. Every function writes to and reads from the next one, the
    /// last from the first, through switches and across the root, while the host writes to and reads from all of them.
    /// </summary>
    [Theory]
    [InlineData(Forwarding.CutThrough)]
    [InlineData(Forwarding.StoreAndForward)]
    public void ARingOfPeersWithTheFewestCreditsComesToItsEnd(Forwarding forwarding)
    {
        var link = new LinkSettings { MaxPayloadSize = 128, Credits = Parts.LeastCredits };
        SwitchDefinition Switch(string name, params PartDefinition[] below) => Parts.Switch(name, [.. below.Select(p => Parts.Port(p, link))]) with { Forwarding = forwarding };
        var names = 0;
        SwitchDefinition Tree(string name, int depth) => Switch(name, [.. Enumerable.Range(0, 2).Select(PartDefinition (i) => depth == 1 ? Parts.Endpoint($"e{names++}") : Tree($"{name}{i}", depth - 1))]);
        using var fabric = new TestFabric(Parts.Host(Parts.Port(Tree("x", 3), link), Parts.Port(Tree("y", 3), link)));
        var count = fabric.Probes.Count;
        Assert.Equal(16, count);

        fabric.Run(async (host, bus) =>
        {
            var done = new List<Task>();
            for (var i = 0; i < count; i++)
            {
                var (probe, next) = (fabric.Probes[i], bus.Bar((i + 1) % count, 2));
                var mine = Enumerable.Repeat((byte)(i + 1), 3000).ToArray();
                probe.Doorbell = async (_, _) =>
                {
                    var back = new byte[3000];
                    var reads = Enumerable.Range(0, 4).Select(_ => probe.Read(next + 8192, new byte[4096]).AsTask()).ToArray();
                    await probe.Write(next, mine);
                    Assert.True((await probe.Read(next, back)).IsSuccess);
                    Assert.Equal(mine, back);
                    foreach (var read in reads) Assert.True((await read).IsSuccess);
                    probe.Interrupt(0);
                };
                var vectors = await bus.EnableMsiXAsync(i, 1);
                done.Add(vectors[0].WaitAsync().AsTask());
            }
            for (var i = 0; i < count; i++) await host.Write32Async(bus.Bar(i, 0), 1);
            for (var i = 0; i < count; i++)
            {
                done.Add(host.WriteAsync(bus.Bar(i, 2) + 16384, new byte[4096]).AsTask());
                done.Add(host.ReadAsync(bus.Bar(i, 2) + 20480, new byte[4096]).AsTask());
            }
            await Task.WhenAll(done);
        }, new EnumeratorOptions { Memory = default, MaxReadRequestSize = 4096 });
    }
}
