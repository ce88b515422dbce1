using PcieFabric.ConfigSpaces;

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

    /// <summary>Takes a completion that is not for the function's model, and its payload, if there is somebody else who asked on its behalf.</summary>
    bool TakesCompletion(Function function, ref readonly Tlp completion);
}
