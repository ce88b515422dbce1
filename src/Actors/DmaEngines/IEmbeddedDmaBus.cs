namespace PcieFabric.DmaEngines;

/// <summary>How a driver reaches the registers of an eDMA: from the endpoint's processor, or from the host through a BAR.</summary>
public interface IEmbeddedDmaBus
{
    /// <returns>All ones where nobody answers.</returns>
    ValueTask<uint> LoadAsync(uint offset);

    /// <param name="dwords">Whole DWs, written in their order.</param>
    ValueTask StoreAsync(uint offset, Memory<byte> dwords);
}
