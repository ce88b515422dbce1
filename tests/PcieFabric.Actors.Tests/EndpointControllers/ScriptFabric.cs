using PcieFabric.Actors.Tests.HostDrivers;
using PcieFabric.Addressing;
using PcieFabric.EndpointFunctions;
using PcieFabric.Topologies;
using PcieFabric.Topologies.Building;

namespace PcieFabric.Actors.Tests.EndpointControllers;

/// <summary>A fabric whose controller runs scripts.</summary>
internal static class ScriptFabric
{
    /// <param name="bind">What each function does to be bound.</param>
    public static EndpointTestFabric Of(string controller, Func<Script, Task> bind, string extra = "", int functions = 1, int virtualFunctions = 0) =>
        new(controller, functions, model: "script", extra: extra, virtualFunctions: virtualFunctions, options: new FabricOptions
        {
            BoundModels = new Dictionary<string, Func<FunctionDefinition, BoundFunction>> { ["script"] = _ => new Script(bind) },
        });

    public static Script ScriptOf(this EndpointTestFabric fabric, int function = 0) => (Script)fabric.Software(function).Function;

    /// <summary>Runs the software of the endpoint alone, with a host that does nothing for a while.</summary>
    public static void RunAlone(this EndpointTestFabric fabric, double milliseconds = 50)
    {
        fabric.Host.Run(async host => await host.DelayAsync(Units.SimTime.FromMilliseconds(milliseconds)));
        fabric.RunToEnd();
        Assert.Empty(fabric.Fabric.Engine.Stopped);
    }

    public static Bdf PortBelow => new(0, 1, 0);
}
