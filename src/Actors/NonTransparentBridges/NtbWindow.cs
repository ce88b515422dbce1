namespace PcieFabric.NonTransparentBridges;

/// <summary>What a translation of a memory window must keep to (Linux: <c>ntb_mw_get_align</c>).</summary>
/// <param name="SizeBytes">Of the window.</param>
/// <param name="AddressAlignmentBytes">Of the memory that is shown in it.</param>
/// <param name="SizeAlignmentBytes">Of its size.</param>
public readonly record struct NtbWindow(ulong SizeBytes, ulong AddressAlignmentBytes, ulong SizeAlignmentBytes)
{
    public bool Allows(ulong address, ulong sizeBytes) =>
        sizeBytes != 0 && sizeBytes <= SizeBytes && sizeBytes % SizeAlignmentBytes == 0 && address % AddressAlignmentBytes == 0;
}
