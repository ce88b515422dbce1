namespace PcieFabric.EndpointControllers;

/// <summary>What copies for the software of one function.</summary>
internal interface IDmaTransfers
{
    /// <returns>None when all is copied; otherwise why it was refused or failed.</returns>
    ValueTask<ControllerRule> TransferAsync(DmaDirection direction, ulong from, ulong to, ulong sizeBytes);
}
