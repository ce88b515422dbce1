using PcieFabric.ConfigSpaces;
using PcieFabric.Engine;
using PcieFabric.Ports;

namespace PcieFabric.Endpoints;

/// <summary>Is told what software and the fabric do to the functions of a device.</summary>
internal interface IFunctionObserver
{
    /// <summary>A configuration write changed something that concerns more than the register.</summary>
    void Configured(Function function, ConfigWriteEffect effect);

    void WasReset(Function function, ResetKind kind);

    /// <summary>Software has enabled a virtual function, or it is there no more.</summary>
    void VirtualFunctionChanged(Function function, bool isEnabled);

    /// <summary>What the function may do, and as whom, may have changed.</summary>
    void StateChanged(Function function, FunctionState state);

    /// <summary>Who gets a completion in place of the function's model, as he asked on its behalf; null if nobody did.</summary>
    /// <param name="detail">What goes with the completion.</param>
    ActorRef? TakerOf(Function function, ref readonly Tlp completion, out uint detail);

    /// <summary>Takes all into the route who see the memory behind BARs without asking.</summary>
    bool TryWatchMemory(TrainRoute route);
}
