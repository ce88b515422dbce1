using System.Buffers.Binary;
using PcieFabric.Actors.Tests.EndpointControllers;
using PcieFabric.Actors.Tests.HostDrivers;
using PcieFabric.EndpointControllers;
using PcieFabric.Engine;
using PcieFabric.LocalDevices;
using PcieFabric.Units;

namespace PcieFabric.Actors.Tests.LocalDevices;

/// <summary>A device beside a controller is reached by its processor at a local address, and by the host through a BAR.</summary>
public sealed class LocalDeviceTests
{
    [Fact]
    public void HostAndProcessorSeeTheSameRegistersAndTheDeviceKnowsWhoAsks()
    {
        var device = new Registers();
        var address = 0ul;
        var fromHost = new uint[2];
        var fromProcessor = new byte[4];
        using var fabric = ScriptFabric.Of("qemu-epc", script => BindAsync(script, address), functions: 2);
        address = Connect(fabric, device);
        fabric.Software(1).Run(async operate =>
        {
            await operate.DelayAsync(SimTime.FromMilliseconds(200));
            await fabric.ScriptOf(1).StoreAsync(address + 8, BitConverter.GetBytes(0x1234_5678u));
            await fabric.ScriptOf(1).LoadAsync(address + 0x10, fromProcessor);
        });
        fabric.Run(async (host, tree) =>
        {
            var first = EndpointTestFabric.FunctionOf(tree).Bars[0].Range.Base;
            await host.Write32Async(first + 0x10, 0xCAFE_F00D);
            await host.DelayAsync(SimTime.FromMilliseconds(200));
            fromHost = [await host.Read32Async(first + 8), await host.Read32Async(first + 0x10)];
        });
        Assert.Equal([0x1234_5678u, 0xCAFE_F00Du], fromHost);
        Assert.Equal(0xCAFE_F00Du, BinaryPrimitives.ReadUInt32LittleEndian(fromProcessor));
        Assert.Equal([(LocalSource.Bar, 0, 0x10u), (LocalSource.Processor, 1, 8u)], device.Writes);
        fabric.AssertNothingLeaks();
    }

    [Fact]
    public void AWindowToWhereNoDeviceStandsIsRefused()
    {
        var result = default(ControllerResult);
        using var fabric = ScriptFabric.Of("qemu-epc", async script =>
        {
            await script.ComposeAsync();
            result = await script.Epc.SetBarAsync(new BarSettings(2, LocalBus.AddressOf(Limits.MaxLocalDevices - 1), 4096));
        });
        Connect(fabric, new Registers());
        fabric.RunAlone();
        Assert.Equal(ControllerRule.NotLocalMemory, result.Rule);
    }

    private static async Task BindAsync(Script script, ulong device)
    {
        Assert.True((await script.Epc.WriteHeaderAsync(new ControllerHeader(0x104C, 0xB500, 0xFF0000))).IsSuccess);
        Assert.True((await script.Epc.SetBarAsync(new BarSettings(0, device, 4096))).IsSuccess);
    }

    /// <returns>The device's local address.</returns>
    private static ulong Connect(EndpointTestFabric fabric, Registers device)
    {
        var engine = fabric.Fabric.Engine;
        var controller = fabric.Controller;
        engine.Spawn(new Props(new ActorPath("registers"), device, 0));
        var latency = SimTime.FromNanoseconds(10);
        device.ConnectController(engine.Connect(device, controller, EndpointController.DeviceInlet, latency));
        return controller.ConnectDevice(engine.Connect(controller, device, LocalDevice.BusInlet, latency));
    }

    private sealed class Registers() : LocalDevice(SimTime.FromNanoseconds(50))
    {
        private readonly Dictionary<uint, uint> _values = [];

        public List<(LocalSource, int, uint)> Writes { get; } = [];

        protected override uint ReadRegister(LocalAccess access, uint offset) => _values.GetValueOrDefault(offset);

        protected override void WriteRegister(LocalAccess access, uint offset, uint value, int byteEnables)
        {
            _values[offset] = value;
            Writes.Add((access.Source, access.Function, offset));
        }
    }
}
