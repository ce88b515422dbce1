using PcieFabric.ConfigSpaces;

namespace PcieFabric.Endpoints;

/// <summary>Is told what software and the fabric do to the functions of a device.</summary>
internal interface IFunctionObserver
{
    /// <summary>A configuration write changed something that concerns more than the register.</summary>
    void Configured(Function function, ConfigWriteEffect effect);

    void WasReset(Function function, ResetKind kind);
}
