namespace PcieFabric.EndpointControllers;

/// <summary>
/// How the tags of a function are shared between the processor, which makes its requests, and a local device that makes requests for it too: by them completions are told apart.
/// The processor has the first sixteen of whatever width, so that half of the smallest set is left.
/// </summary>
internal static class RequesterTags
{
    /// <summary>Of the processor, where there is such a device.</summary>
    public const int Processor = 16;

    /// <summary>Ten-bit tags start here (<see cref="TagPool"/>).</summary>
    private const int FirstOfTenBits = 256;

    /// <summary>Tags that are left for devices.</summary>
    public static int OfDevices(TagWidth width) => (1 << (int)width) - (width == TagWidth.TenBits ? FirstOfTenBits : 0) - Processor;

    public static bool IsOfDevice(ushort tag) => tag >= 2 * FirstOfTenBits || tag % FirstOfTenBits >= Processor;
}
