using PcieFabric.Engine;
using PcieFabric.Recording;
using PcieFabric.RootComplexes;
using PcieFabric.Tlps;
using PcieFabric.Topologies.Building;
using PcieFabric.Topologies.Reading;
using PcieFabric.Units;
using PcieFabric.Actors.Tests.Documents;

namespace PcieFabric.Actors.Tests.Recording;

public class TestProbeTests
{
    private const uint VendorAndDevice = 0xBEEF_1234;

    /// <summary>Outside of the first MiB, which a bridge window of zeros claims for what is below.</summary>
    private const ulong Buffer = 0x20_0000;

    [Fact]
    public void AProbeStandsInForAnEndpoint()
    {
        using var fabric = Minimal();
        var probe = TestProbe.StandInFor(fabric.Engine, "host0/rp0/card")
            .OnTlp((p, got) =>
            {
                if (!got.Tlp.IsConfiguration) return;
                var answer = Tlp.CompletionWithData(got.Tlp, got.Tlp.Target, 0, 1, p.Payloads);
                BitConverter.TryWriteBytes(answer.WritablePayload, VendorAndDevice);
                p.Send(in answer);
            });
        var read = 0u;
        fabric.Hosts["host0"].Run(async host =>
        {
            await SetBusesAsync(host);
            read = await host.Configuration[0].ReadAsync(new Addressing.Bdf(1, 0, 0), 0);
        });

        fabric.Engine.Run();

        Assert.Equal(VendorAndDevice, read);
        Assert.Equal(["host0/rp0", "host0/rp0/card/fn0"], probe.Neighbours);
        Assert.Contains(probe.Tlps, tlp => tlp.Type == TlpType.CfgRd0);
        Assert.Equal(0, fabric.Engine.PayloadsOutstanding);
    }

    [Fact]
    public void AProbeSendsWhatATestWants()
    {
        using var fabric = Minimal();
        var data = Enumerable.Range(0, 128).Select(i => (byte)i).ToArray();
        TestProbe.StandInFor(fabric.Engine, "host0/rp0/card").At(SimTime.FromMicroseconds(50), p =>
            p.Send(Tlp.MemoryWrite(new Addressing.Bdf(1, 0, 0), Buffer, data, p.Payloads)));
        Host? driver = null;
        fabric.Hosts["host0"].Run(async host =>
        {
            driver = host;
            await SetBusesAsync(host);
        });

        fabric.Engine.Run();

        Assert.Equal(data, driver!.Memory.Span(Buffer, data.Length).ToArray());
    }

    [Fact]
    public void AProbeGivesCreditsBackSoThatTrafficGoesOn()
    {
        using var fabric = Minimal();
        var probe = TestProbe.StandInFor(fabric.Engine, "host0/rp0/card");
        const int writes = 2000;
        fabric.Hosts["host0"].Run(async host =>
        {
            await SetBusesAsync(host);
            var window = host.Hierarchies[0].Memory;
            await host.Configuration[0].WriteAsync(new Addressing.Bdf(0, 1, 0), 0x20, (uint)(window.Base >> 16 & 0xFFF0) | (uint)(window.Base & 0xFFF0_0000), 0xF);
            for (var i = 0; i < writes; i++) await host.Write32Async(window.Base + (ulong)i * 4, (uint)i);
        });

        fabric.Engine.Run();

        Assert.True(fabric.Hosts["host0"].SoftwareFinished);
        Assert.Equal(writes, probe.Tlps.Count(tlp => tlp.IsMemoryWrite));
    }

    [Fact]
    public void AProbeComesBeforeTheRun()
    {
        using var fabric = Minimal();
        fabric.Engine.Run();

        Assert.Throws<InvalidOperationException>(() => TestProbe.StandInFor(fabric.Engine, "host0/rp0/card"));
        Assert.Throws<InvalidOperationException>(() => TestProbe.StandInFor(fabric.Engine, "host0/rp7"));
    }

    private static Fabric Minimal() => FabricBuilder.Build(TopologyReader.Read(Path.Combine(Shipped.Config, "topologies", "minimal.yaml")));

    /// <summary>Buses 0, 1, 1 and all that the root port may do.</summary>
    private static async Task SetBusesAsync(Host host)
    {
        var rootPort = new Addressing.Bdf(0, 1, 0);
        await host.Configuration[0].WriteAsync(rootPort, 0x18, 0x0001_0100, 0xF);
        await host.Configuration[0].WriteAsync(rootPort, 0x04, 0x0000_0006, 0x3);
    }
}
