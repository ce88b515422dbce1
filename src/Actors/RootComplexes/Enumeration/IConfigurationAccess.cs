namespace PcieFabric.RootComplexes.Enumeration;

/// <summary>Configuration requests as host software makes them: each call is one TLP and its completion.</summary>
public interface IConfigurationAccess
{
    /// <param name="registerOffset">In bytes, a multiple of four, 0 to 4092.</param>
    /// <returns>The DW; all ones where no function answers (Unsupported Request, PCIe 6.0 section 2.3.2).</returns>
    ValueTask<uint> ReadAsync(Bdf function, int registerOffset);

    /// <param name="registerOffset">In bytes, a multiple of four, 0 to 4092.</param>
    /// <param name="byteEnables">First DW BE: bit 0 for the byte at the lowest address.</param>
    ValueTask WriteAsync(Bdf function, int registerOffset, uint value, byte byteEnables = 15);
}
