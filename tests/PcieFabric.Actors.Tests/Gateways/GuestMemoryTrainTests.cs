using PcieFabric.Actors.Tests.Trains;
using PcieFabric.Addressing;
using PcieFabric.Documents;
using PcieFabric.EndpointFunctions;
using PcieFabric.Engine;
using PcieFabric.Gateways;
using PcieFabric.Requests;
using PcieFabric.Topologies.Building;
using PcieFabric.Topologies.Enumerated;
using PcieFabric.Topologies.Reading;
using Xunit.Abstractions;

namespace PcieFabric.Actors.Tests.Gateways;

/// <summary>A train that ends in a guest's memory cannot be told from its TLPs either, whatever the guest does meanwhile. PCIEFABRIC_SEED draws other sessions.</summary>
public sealed class GuestMemoryTrainTests(ITestOutputHelper output)
{
    private const int Sessions = 40;

    [Fact]
    public void NobodyCanTellATrainIntoAGuestsMemoryFromItsTlps()
    {
        var first = TestSeed.Of(output, 1);
        var trains = 0L;
        for (var seed = first; seed < first + Sessions; seed++)
        {
            var (exact, none) = Run(seed, exact: true);
            var (fast, some) = Run(seed, exact: false);
            Assert.Equal(0, none);
            trains += some;
            for (var i = 0; i < Math.Min(exact.Count, fast.Count); i++) Assert.True(exact[i] == fast[i], $"seed {seed}: exact '{exact[i]}', by train '{fast[i]}'");
            Assert.Equal(exact.Count, fast.Count);
        }
        output.WriteLine($"{trains} trains");
        Assert.True(trains > Sessions);
    }

    [Theory]
    [InlineData(0ul, true)]
    [InlineData(PlayedMemory.HalfBytes - 65_536, false)]
    public void ATrainNeedsOneMappingForAllOfItsBytes(ulong address, bool hasTrains)
    {
        var mover = new Mover { Work = async own => await own.Write(address, new byte[131_072]) };
        using var session = new Session("mps: 256 B", isBehindSwitch: false, mover, exact: false);
        session.Fabric.Fabric.Engine.Run();
        Assert.Equal(hasTrains, session.Fabric.Fabric.Engine.Trains > 0);
    }

    private static (List<string> Seen, long Trains) Run(int seed, bool exact)
    {
        var random = new Random(seed);
        var seen = new List<string>();
        var link = $"generation: {random.Next(3, 7)}, width: {1 << random.Next(2, 5)}, mps: {128 << random.Next(6)} B";
        var transfers = new Random(random.Next());
        var mover = new Mover { Work = own => MoveAsync(own, transfers, seen) };
        using var session = new Session(link, isBehindSwitch: random.Next(2) == 0, mover, exact);
        var engine = session.Fabric.Fabric.Engine;
        for (var i = 0; i < 12; i++)
        {
            engine.Run(engine.Now + SimTime.FromNanoseconds(random.Next(200, 40_000)));
            session.Look(seen);
            switch (random.Next(6))
            {
                case 0:
                    session.Memory.Remap(random.Next(2), isMapped: false);
                    break;
                case 1:
                    session.Memory.Remap(random.Next(2), isMapped: true);
                    break;
                case 2:
                    session.Tell(GatewayInput.OpenPeer(0, new AddressRange((ulong)(i + 1) << 16, 4096), 0x9000_0000));
                    break;
                case 3:
                    session.Read(Mover.ScratchAt);
                    break;
            }
        }
        engine.Run();
        session.Look(seen);
        Assert.Equal(0, engine.PayloadsOutstanding);
        return (seen, engine.Trains);
    }

    private static async Task MoveAsync(Mover own, Random random, List<string> seen)
    {
        for (var i = 0; i < 8; i++)
        {
            var bytes = new byte[random.Next(1, 4) == 1 ? random.Next(1, 20_000) : random.Next(100_000, 700_000)];
            var address = (ulong)random.Next(PlayedMemory.SizeBytes - bytes.Length);
            if (random.Next(3) > 0) address &= ~4095ul;
            random.NextBytes(bytes);
            var isWrite = random.Next(2) == 0;
            var result = isWrite ? await own.Write(address, bytes) : await own.Read(address, bytes);
            seen.Add($"{own.Time} {(isWrite ? "wrote" : "read")} {bytes.Length} at 0x{address:x}: {result.Status} {TrainTests.Hash(bytes):x}");
        }
    }

    /// <summary>A guest that has the one function of a fabric.</summary>
    private sealed class Session : IDisposable
    {
        private readonly LocatedFunction _function;
        private int _tickets;

        public Session(string link, bool isBehindSwitch, Mover mover, bool exact)
        {
            var attached = isBehindSwitch ? "hub" : "card";
            var topology = TopologyReader.Read(new SourceText("trains.yaml", $$"""
                name: trains
                defaults:
                  link: { {{link}} }
                functions:
                  mover: { model: mover, vendor: 0x1d0f, device: 0x0003, class: 0x088000, bars: [{ index: 0, size: 4 KiB, type: memory32 }] }
                endpoints:
                  card: { functions: [mover] }
                switches:
                  hub: { ports: [{ attach: card }] }
                hosts:
                  host0: { memory: 64 MiB, ports: [{ attach: {{attached}} }] }
                """));
            Fabric = GatewayFabric.Build(topology, new FabricOptions { Models = new() { ["mover"] = _ => mover } }, AttachMode.Functions, _ => Memory);
            Fabric.Fabric.Engine.IsExact = exact;
            Fabric.BringUp();
            _function = Fabric.FunctionsOf(0).Single();
            Tell(GatewayInput.Claim(0, 0, _function.Found.Bdf));
            var payloads = DeterministicEngine.PayloadsOf(Fabric.Gateways[0].Inputs);
            Inject(Gateway.AccessOf(Tlp.MemoryWrite(default, RegisterAt(Mover.DoorbellAt), new byte[4], payloads), _tickets++, 0));
        }

        public GatewayFabric Fabric { get; }

        public PlayedMemory Memory { get; } = new();

        public void Tell(GatewayInput input) => Inject(Message.Of(MessageKind.Input, in input));

        public void Read(ulong register) => Inject(Gateway.AccessOf(Tlp.MemoryRead(default, 0, RegisterAt(register), 4), _tickets++, 0));

        /// <summary>All that can be seen of a fabric that stands still.</summary>
        public void Look(List<string> seen)
        {
            var counters = Fabric.Gateways[0].Counters;
            var host = Fabric.Fabric.Hosts["host0"].Counters;
            seen.Add($"{Fabric.Fabric.Engine.Now} {TrainTests.Hash(Memory.All):x} {Memory.Answers}");
            seen.Add($"gateway {counters.BytesRead} {counters.BytesWritten} {counters.Faults} {counters.PeerRequests} {counters.Accesses} {counters.FailedAccesses}");
            seen.Add($"host {host.TlpsFromPorts} {host.BytesRead} {host.BytesWritten} {host.UnsupportedRequests} {host.TlpsRedirected}");
            foreach (var (path, port) in Fabric.Fabric.Ports) seen.Add($"{path} {port.Link.TlpsReceived} {port.Link.PayloadBytesReceived} {port.Link.UpdatesSent} {port.Link.Transmitter.TlpsSent} {port.Link.Transmitter.Waiting}");
            foreach (var (path, endpoint) in Fabric.Fabric.Endpoints) seen.Add($"{path} {endpoint.Link.TlpsReceived} {endpoint.Link.PayloadBytesReceived} {endpoint.Link.Transmitter.TlpsSent} {endpoint.Link.Transmitter.Waiting}");
        }

        public void Dispose() => Fabric.Dispose();

        private ulong RegisterAt(ulong offset) => _function.Found.FindBar(0)!.Range.Base + offset;

        private void Inject(in Message message)
        {
            var engine = Fabric.Fabric.Engine;
            var at = engine.Now + new SimTime(1);
            engine.Inject(Fabric.Gateways[0].Inputs, in message, at);
            engine.Run(at + new SimTime(1));
        }
    }

    /// <summary>Does what it is told once its doorbell rings.</summary>
    private sealed class Mover : EndpointFunction
    {
        public const ulong DoorbellAt = 0, ScratchAt = 4;

        public required Func<Mover, Task> Work { get; init; }

        public SimTime Time => Now;

        public ValueTask<RequestResult> Write(ulong address, Memory<byte> from) => DmaWriteAsync(address, from);

        public ValueTask<RequestResult> Read(ulong address, Memory<byte> into) => DmaReadAsync(address, into);

        protected internal override void WriteRegister(int bar, ulong offset, uint value, int byteEnables) => Start(() => Work(this));
    }
}
