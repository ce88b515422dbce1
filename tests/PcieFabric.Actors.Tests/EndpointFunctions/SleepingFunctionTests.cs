using PcieFabric.ConfigSpaces;
using PcieFabric.EndpointFunctions;
using PcieFabric.Engine;
using PcieFabric.RootComplexes;
using PcieFabric.RootComplexes.Enumeration;
using PcieFabric.Topologies;
using PcieFabric.Topologies.Building;

namespace PcieFabric.Actors.Tests.EndpointFunctions;

/// <summary>Functions whose models are made when something first reaches their registers.</summary>
public class SleepingFunctionTests
{
    private const int Functions = 40;
    private const int Cards = 2;

    private readonly List<Sleeper> _made = [];

    [Fact]
    public void EnumerationWakesNobodyAndAnAccessWakesOne()
    {
        using var fabric = Build();
        Run(fabric, async (host, bars) =>
        {
            // One a card was asked what the functions of its kind want to have.
            Assert.Equal(Cards, _made.Count);
            Assert.Equal(1u, await host.Read32Async(bars[7]));
        });

        var woken = _made[Cards];
        Assert.Equal(Cards + 1, _made.Count);
        Assert.Same(woken, fabric.Functions["host0/rp0/card/fn7"].Function);
        Assert.Equal(["started", "read as a bus master"], woken.Log);
    }

    [Fact]
    public void AWokenFunctionWorksAsIfItHadBeenAwakeFromTheStart()
    {
        using var fabric = Build();
        var written = 0u;
        Run(fabric, async (host, bars) =>
        {
            await host.Write32Async(bars[^1], 0x2000);
            Assert.Equal(1u, await host.Read32Async(bars[^1]));
            written = BitConverter.ToUInt32(host.Memory.Span(0x2000, 4));
        });

        Assert.Equal(0xC0FFEEu, written);
        Assert.Equal(0, fabric.Engine.PayloadsOutstanding);
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(3, false)]
    [InlineData(3, true)]
    public void NeitherLookingAtSleepersNorPartitionsChangeARun(int partitions, bool looks)
    {
        Assert.Equal(Digest(1, looks: false), Digest(partitions, looks));
    }

    private ulong Digest(int partitions, bool looks)
    {
        using var fabric = Build(partitions);
        var digest = FabricDigest.Of(fabric.Engine);
        if (looks) Assert.Equal(Cards * Functions, fabric.Functions.Values.Count());
        Run(fabric, static async (host, bars) =>
        {
            for (var i = 0; i < bars.Length; i += 9) await host.Write32Async(bars[i], (uint)(0x2000 + i * 64));
            for (var i = 0; i < bars.Length; i += 3) await host.Read32Async(bars[i]);
        });
        if (looks) Assert.Equal(Cards * Functions, fabric.Engine.Cells.Count(cell => cell.Actor is FunctionActor));
        return digest.Value;
    }

    private Fabric Build(int partitions = 1)
    {
        var function = new FunctionDefinition
        {
            Name = "sleeper",
            Model = "sleeper",
            VendorId = 0x1d0f,
            DeviceId = 0x0003,
            Bars = [BarDefinition.Memory64(0, 4096, prefetchable: true)],
        };
        var card = new EndpointDefinition { Name = "card", Ari = true, Functions = [.. Enumerable.Repeat(function, Functions)] };
        var root = new RootComplexDefinition { Ports = [.. Enumerable.Repeat(new PortDefinition { Attached = card }, Cards)] };
        var topology = new TopologyDefinition { Name = "sleepers", Hosts = [new HostDefinition { Name = "host0", RootComplexes = [root] }] };
        var options = new FabricOptions { Partitions = partitions };
        options.Models["sleeper"] = _ =>
        {
            var sleeper = new Sleeper();
            lock (_made) _made.Add(sleeper);
            return sleeper;
        };
        return FabricBuilder.Build(topology, options);
    }

    private static void Run(Fabric fabric, Func<Host, ulong[], Task> software)
    {
        fabric.Hosts["host0"].Run(async host =>
        {
            var hierarchy = host.Hierarchies[0];
            var found = await new Enumerator(host.Configuration[0], new EnumeratorOptions { Memory = hierarchy.Memory, PrefetchableMemory = hierarchy.Prefetchable }).RunAsync();
            await software(host, [.. found.Functions.Where(f => !f.IsBridge).Select(f => f.FindBar(0)!.Range.Base)]);
        });
        fabric.Engine.Run();
    }

    /// <summary>Writes to the address that it is given, and tells what was asked of it.</summary>
    private sealed class Sleeper : EndpointFunction
    {
        public List<string> Log { get; } = [];

        protected internal override bool SleepsUntilReached => true;

        protected internal override Task RunAsync()
        {
            Log.Add("started");
            return Task.CompletedTask;
        }

        protected internal override uint ReadRegister(int bar, ulong offset)
        {
            Log.Add(IsBusMaster ? "read as a bus master" : "read");
            return 1;
        }

        protected internal override void WriteRegister(int bar, ulong offset, uint value, int byteEnables) =>
            Start(async () => await DmaWriteAsync(value, BitConverter.GetBytes(0xC0FFEEu)));
    }
}
