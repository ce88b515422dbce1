using PcieFabric.EndpointControllers;

namespace PcieFabric.EndpointFunctions;

/// <summary>What an operator of an endpoint can do with a function, as at configfs: wait, unbind it, bind it again, start and stop its controller.</summary>
public sealed class BoundSoftware(BoundFunctionActor actor)
{
    public SimTime Now => actor.Now;

    public BoundController Controller => actor.Controller;

    public LocalMemory Memory => actor.Memory;

    public ValueTask DelayAsync(SimTime delay) => actor.Alarms.After(delay);

    public Task UnbindAsync() => actor.UnbindAsync();

    public Task BindAsync() => actor.Function.BindAsync();
}
