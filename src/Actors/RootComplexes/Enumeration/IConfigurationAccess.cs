namespace PcieFabric.RootComplexes.Enumeration;

/// <summary>Configuration space as software reaches it, one DW at a time.</summary>
public interface IConfigurationAccess
{
    /// <returns>All ones where no function answers.</returns>
    ValueTask<uint> ReadAsync(Bdf function, int registerOffset);

    /// <param name="byteEnables">Bit 0 for the byte at the offset; bytes that are not enabled stay as they are.</param>
    ValueTask WriteAsync(Bdf function, int registerOffset, uint value, byte byteEnables = 15);
}
