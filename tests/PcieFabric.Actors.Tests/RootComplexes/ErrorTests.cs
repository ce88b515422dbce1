using PcieFabric.Actors.Tests.Fabrics;
using PcieFabric.ConfigSpaces.Capabilities;
using PcieFabric.RootComplexes;

namespace PcieFabric.Actors.Tests.RootComplexes;

public class ErrorTests
{
    private const int AerUncorrectableStatus = 4, AerCorrectableMask = 0x14, AerHeaderLog = 0x1C, AerRootCommand = 0x2C, AerRootStatus = 0x30, AerSource = 0x34;

    private static readonly SimTime Settled = SimTime.FromMicroseconds(5);

    [Fact]
    public void AWriteThatNobodyClaimsIsLoggedWithItsHeaderAndInterrupts() => With(async (host, bus, probe) =>
    {
        var (port, aer) = (bus.Bridges[0].Bdf, bus.Bridges[0].FindExtendedCapability(1)!.Value);
        var vector = await EnableErrorInterruptAsync(host, bus);
        await Do(host, bus, probe, async () => await probe.Write(0x7FFF_0000, new byte[8]));
        await host.DelayAsync(Settled);

        Assert.Equal(1L << (int)UncorrectableError.UnsupportedRequest, await bus.Config.ReadAsync(port, aer + AerUncorrectableStatus));
        Assert.Equal(0x4000_0002u, await bus.Config.ReadAsync(port, aer + AerHeaderLog));
        Assert.Equal(0x7FFF_0000u, await bus.Config.ReadAsync(port, aer + AerHeaderLog + 8));
        Assert.Equal(0b100u, await bus.Config.ReadAsync(port, aer + AerRootStatus) & 0b111);
        Assert.Equal(port.Value, await bus.Config.ReadAsync(port, aer + AerSource) >> 16);
        Assert.Equal(1, vector.Count);
    });

    [Fact]
    public void AReadThatNobodyClaimsIsAMasterAbortOfItsRequester() => With(async (host, bus, probe) =>
    {
        CompletionStatus status = default;
        await Do(host, bus, probe, async () => status = (await probe.Read(0x7FFF_0000, new byte[8])).Status);

        Assert.Equal(CompletionStatus.UnsupportedRequest, status);
        Assert.Equal(1u, await bus.Config.ReadAsync(bus.Endpoints[0].Bdf, 4) >> 29 & 3);
        Assert.Equal(~0u, await host.Read32Async(bus.Bar(0, 0) + 0x10_0000));
    });

    [Fact]
    public void AnErrorMessageOfAnEndpointReachesItsRootPort() => With(async (host, bus, probe) =>
    {
        var vector = await EnableErrorInterruptAsync(host, bus);
        var function = bus.Endpoints[0].Bdf;
        await bus.Config.WriteAsync(function, 4, 0x0104, 0b0011);
        await host.Write32Async(bus.Bar(0, 2), 5);
        await vector.WaitAsync();

        var aer = bus.Endpoints[0].FindExtendedCapability(1)!.Value;
        Assert.Equal(1L << (int)UncorrectableError.UnsupportedRequest, await bus.Config.ReadAsync(function, aer + AerUncorrectableStatus));
        Assert.Equal(0x6000_0001u, await bus.Config.ReadAsync(function, aer + AerHeaderLog));
        var root = bus.Bridges[0].FindExtendedCapability(1)!.Value;
        Assert.Equal(function.Value, await bus.Config.ReadAsync(bus.Bridges[0].Bdf, root + AerSource) >> 16);
        // Received System Error, in the secondary status of all bridges on the way.
        foreach (var bridge in bus.Bridges) Assert.Equal(1u, await bus.Config.ReadAsync(bridge.Bdf, 0x1C) >> 30 & 1);
    });

    [Fact]
    public void WithoutSerrNoErrorMessagePassesABridge() => With(async (host, bus, probe) =>
    {
        var vector = await EnableErrorInterruptAsync(host, bus);
        await bus.Config.WriteAsync(bus.Bridges[2].Bdf, 0x3C, 0, 0b0100);
        await bus.Config.WriteAsync(bus.Endpoints[0].Bdf, 4, 0x0104, 0b0011);
        await host.Write32Async(bus.Bar(0, 2), 5);
        await host.DelayAsync(Settled);
        Assert.Equal(0, vector.Count);
    });

    [Fact]
    public void APoisonedWriteChangesNothingAndIsSignalled() => With(async (host, bus, probe) =>
    {
        var vector = await EnableErrorInterruptAsync(host, bus);
        var poisoned = Tlp.DeferrableMemoryWrite(default, 0, bus.Bar(0, 2), [1, 2, 3, 4], probe.Payloads);
        poisoned.IsPoisoned = true;
        Assert.Equal(CompletionStatus.UnsupportedRequest, (await host.Requesters[0].SendAsync(poisoned)).Status);
        Assert.Equal(0u, await host.Read32Async(bus.Bar(0, 2)));
        Assert.Equal(1u, await bus.Config.ReadAsync(bus.Endpoints[0].Bdf, 4) >> 31);

        await Do(host, bus, probe, async () =>
        {
            var write = Tlp.MemoryWrite(probe.Requester.Id, 0x5000, [9, 9, 9, 9], probe.Payloads);
            write.IsPoisoned = true;
            await probe.Requester.SendAsync(write);
        });
        await host.DelayAsync(Settled);
        Assert.Equal(0, host.Memory.Span(0x5000, 1)[0]);
        Assert.Equal(1, vector.Count);
    });

    [Fact]
    public void AMalformedRequestHasNoAnswer() => With(async (host, bus, probe) =>
    {
        host.Requesters[0].CompletionTimeout = SimTime.FromMicroseconds(20);
        var misaligned = Tlp.Atomic(AtomicOperation.FetchAdd, default, 0, bus.Bar(0, 2) + 4, new byte[8], probe.Payloads);
        Assert.True((await host.Requesters[0].SendAsync(misaligned)).TimedOut);
        var aer = bus.Endpoints[0].FindExtendedCapability(1)!.Value;
        Assert.Equal(1L << (int)UncorrectableError.MalformedTlp, await bus.Config.ReadAsync(bus.Endpoints[0].Bdf, aer + AerUncorrectableStatus));
    });

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void WithoutBusMasterEnableOnTheWayNoDmaPasses(int bridges) => With(async (host, bus, probe) =>
    {
        var blocked = bridges == 3 ? bus.Endpoints[0].Bdf : bus.Bridges[bridges].Bdf;
        await bus.Config.WriteAsync(blocked, 4, 0x0102, 0b0011);
        CompletionStatus? status = null;
        probe.Doorbell = async (_, _) =>
        {
            await probe.Write(0x5000, new byte[] { 1 });
            status = (await probe.Read(0x5000, new byte[4])).Status;
        };
        await host.Write32Async(bus.Bar(0, 0), 1);
        await host.DelayAsync(Settled);

        Assert.Equal(CompletionStatus.UnsupportedRequest, status);
        Assert.Equal(0, host.Memory.Span(0x5000, 1)[0]);
    });

    [Fact]
    public void AFunctionInD3AnswersConfigurationOnly() => With(async (host, bus, probe) =>
    {
        var (bdf, power) = (bus.Endpoints[0].Bdf, bus.Endpoints[0].FindCapability(1)!.Value);
        await bus.Config.WriteAsync(bdf, power + 4, 3, 0b0011);
        Assert.Equal(~0u, await host.Read32Async(bus.Bar(0, 2)));
        Assert.Equal(0x0001_1D0Fu, await bus.Config.ReadAsync(bdf, 0));
        await bus.Config.WriteAsync(bdf, power + 4, 0, 0b0011);
        Assert.Equal(0u, await host.Read32Async(bus.Bar(0, 2)));
    });

    [Fact]
    public void AbsentFunctionsAndDevicesReadAsAllOnes() => With(async (host, bus, probe) =>
    {
        var below = bus.Endpoints[0].Bdf;
        foreach (var absent in new Addressing.Bdf[] { new(below.Bus, 0, 1), new(below.Bus, 1, 0), new(200, 0, 0), new(0, 9, 0), new(bus.Bridges[2].Bdf.Bus, 7, 0) })
            Assert.Equal(~0u, await bus.Config.ReadAsync(absent, 0));
    });

    /// <summary>A misaligned AtomicOp has no answer, so its requester waits in vain.</summary>
    [Fact]
    public void ACompletionTimeoutIsLoggedByTheRequesterAndReported()
    {
        using var fabric = new TestFabric(Parts.Host(Parts.Endpoint("a")));
        fabric.Run(async (host, bus) =>
        {
            var probe = fabric.Probes[0];
            var vector = await EnableErrorInterruptAsync(host, bus);
            var function = bus.Endpoints[0];
            var deviceControl = function.FindCapability(0x10)!.Value + 8;
            await bus.Config.WriteAsync(function.Bdf, deviceControl, await bus.Config.ReadAsync(function.Bdf, deviceControl) | 0b0010, 0b0011);
            var deviceControl2 = deviceControl + 0x20;
            await bus.Config.WriteAsync(function.Bdf, deviceControl2, 0b0001, 0b0001);
            await Do(host, bus, probe, async () =>
            {
                var misaligned = Tlp.Atomic(AtomicOperation.FetchAdd, probe.Requester.Id, 0, 0x5004, new byte[8], probe.Payloads);
                Assert.True((await probe.Requester.SendAsync(misaligned)).TimedOut);
            });
            await host.DelayAsync(Settled);

            var aer = function.FindExtendedCapability(1)!.Value;
            Assert.Equal(1L << (int)UncorrectableError.CompletionTimeout, await bus.Config.ReadAsync(function.Bdf, aer + AerUncorrectableStatus));
            Assert.Equal(0b0010u, await bus.Config.ReadAsync(function.Bdf, deviceControl) >> 16 & 0xF);
            // The root port's interrupt for the malformed request, and the one for the endpoint's message.
            Assert.Equal(2, vector.Count);
        });
        Assert.Equal(1, fabric.Fabric.Endpoints["host0/rp0/a"].Functions[0]!.Counters.CompletionTimeouts);
    }

    [Fact]
    public void NoEndpointAnswersForABusBehindIt() => With(async (host, bus, probe) =>
    {
        var behind = (byte)(bus.Endpoints[0].Bdf.Bus + 1);
        foreach (var bridge in bus.Bridges) await bus.Config.WriteAsync(bridge.Bdf, 0x18, (uint)behind << 16, 0b0100);
        Assert.Equal(~0u, await bus.Config.ReadAsync(new Addressing.Bdf(behind, 0, 0), 0));

        await bus.Config.WriteAsync(new Addressing.Bdf(behind, 0, 0), 4, 0, 0b0011);
        Assert.Equal(6u, await bus.Config.ReadAsync(bus.Endpoints[0].Bdf, 4) & 6);
    });

    [Fact]
    public void OnlyALegacyEndpointTakesLockedReads()
    {
        using var fabric = new TestFabric(Parts.Host(Parts.Endpoint("a"), Parts.Endpoint("legacy", Parts.Function("legacy-f", io: true))));
        fabric.Run(async (host, bus) =>
        {
            Assert.Equal(CompletionStatus.UnsupportedRequest, (await host.Requesters[0].SendAsync(Tlp.LockedMemoryRead(default, 0, bus.Bar(0, 2), 4))).Status);
            Assert.True((await host.Requesters[0].SendAsync(Tlp.LockedMemoryRead(default, 0, bus.Bar(1, 2), 4))).IsSuccess);
        });
        Assert.Equal(1, fabric.Fabric.Endpoints["host0/rp0/a"].Functions[0]!.Counters.UnsupportedRequests);
    }

    [Fact]
    public void NoEndpointLocksTheHost() => With(async (host, bus, probe) =>
    {
        CompletionStatus status = default;
        await Do(host, bus, probe, async () => status = (await probe.Requester.SendAsync(Tlp.LockedMemoryRead(probe.Requester.Id, 0, 0x5000, 4))).Status);
        Assert.Equal(CompletionStatus.UnsupportedRequest, status);
    });

    /// <param name="egress">The root port, towards the device; the switch's upstream port, towards the host.</param>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void AnEgressPortBlocksAtomicOperationsWhenItIsToldTo(int egress) => With(async (host, bus, probe) =>
    {
        var port = bus.Bridges[egress];
        // Blocking is advisory: with that masked, as after reset, AER would not say what it was.
        var aer = port.FindExtendedCapability(1)!.Value;
        await bus.Config.WriteAsync(port.Bdf, aer + AerCorrectableMask, 0);
        var deviceControl2 = port.FindCapability(0x10)!.Value + 0x28;
        await bus.Config.WriteAsync(port.Bdf, deviceControl2, await bus.Config.ReadAsync(port.Bdf, deviceControl2) | 1 << 7, 0b0001);
        async Task<CompletionStatus> Downwards() => (await host.Requesters[0].SendAsync(Tlp.Atomic(AtomicOperation.FetchAdd, default, 0, bus.Bar(0, 2), new byte[4], probe.Payloads))).Status;
        async Task<CompletionStatus> Upwards()
        {
            CompletionStatus status = default;
            await Do(host, bus, probe, async () => status = (await probe.Requester.SendAsync(Tlp.Atomic(AtomicOperation.FetchAdd, probe.Requester.Id, 0, 0x5000, new byte[4], probe.Payloads))).Status);
            return status;
        }
        Assert.Equal(CompletionStatus.UnsupportedRequest, egress == 0 ? await Downwards() : await Upwards());
        Assert.Equal(CompletionStatus.SuccessfulCompletion, egress == 0 ? await Upwards() : await Downwards());

        Assert.Equal(1L << (int)UncorrectableError.AtomicOpEgressBlocked, await bus.Config.ReadAsync(port.Bdf, aer + AerUncorrectableStatus));
        Assert.Equal(0x4Cu, await bus.Config.ReadAsync(port.Bdf, aer + AerHeaderLog) >> 24 & 0xDF);
    });

    [Fact]
    public void MessagesFromTheRootReachOneOrAll()
    {
        using var fabric = new TestFabric(Parts.Host(Parts.Switch("sw", Parts.Endpoint("a"), Parts.Endpoint("b")), Parts.Endpoint("c")));
        fabric.Run(async (host, bus) =>
        {
            await host.Requesters[0].SendAsync(Tlp.Message(MessageRouting.BroadcastFromRootComplex, (byte)MessageCode.PME_Turn_Off, default));
            await host.Requesters[0].SendAsync(Tlp.Message(MessageRouting.ById, (byte)MessageCode.Vendor_Defined_Type_1, default, target: bus.Endpoints[1].Bdf));
        });
        Assert.Equal(
            ["host0/rp0/sw/dp0/a PME_Turn_Off", "host0/rp0/sw/dp1/b PME_Turn_Off", "host0/rp0/sw/dp1/b Vendor_Defined_Type_1", "host0/rp1/c PME_Turn_Off"],
            fabric.Tap.All.Where(s => s.Tlp.IsMessage && fabric.Fabric.Endpoints.ContainsKey(s.To)).Select(s => $"{s.To} {(MessageCode)s.Tlp.MessageCode}").Order());
    }

    private static void With(Func<Host, Bus, Probe, Task> test)
    {
        using var fabric = new TestFabric(Parts.Host(Parts.Switch("sw", Parts.Endpoint("a"))));
        fabric.Run((host, bus) => test(host, bus, fabric.Probes[0]));
    }

    /// <summary>Runs code in the probe, to its end.</summary>
    private static async Task Do(Host host, Bus bus, Probe probe, Func<Task> code)
    {
        var done = false;
        probe.Doorbell = async (_, _) =>
        {
            await code();
            done = true;
        };
        await host.Write32Async(bus.Bar(0, 0), 1);
        while (!done) await host.DelayAsync(SimTime.FromMicroseconds(1));
    }

    private static async Task<InterruptVector> EnableErrorInterruptAsync(Host host, Bus bus)
    {
        var root = bus.Bridges[0];
        var vector = host.Interrupts.Allocate(1)[0];
        var msi = root.FindCapability(5)!.Value;
        await bus.Config.WriteAsync(root.Bdf, msi + 4, (uint)vector.MessageAddress);
        await bus.Config.WriteAsync(root.Bdf, msi + 12, vector.MessageData, 0b0011);
        await bus.Config.WriteAsync(root.Bdf, msi, 1 << 16, 0b1100);
        await bus.Config.WriteAsync(root.Bdf, root.FindExtendedCapability(1)!.Value + AerRootCommand, 7);
        return vector;
    }
}
