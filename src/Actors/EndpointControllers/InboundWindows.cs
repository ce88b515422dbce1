using PcieFabric.EndpointControllers.Profiles;
using PcieFabric.Endpoints;

namespace PcieFabric.EndpointControllers;

/// <summary>The inbound windows of one function: for each BAR the parts of local memory behind it.</summary>
internal sealed class InboundWindows(MemoryRegion local) : IBarMapping
{
    private readonly BarSubrange[][] _parts = [.. Enumerable.Repeat<BarSubrange[]>([], ControllerProfile.BarCount)];

    /// <summary>Windows in use.</summary>
    public int Count => _parts.Sum(parts => parts.Length);

    public int CountOf(int bar) => _parts[bar].Length;

    /// <summary>A reserved BAR too: the hardware answers for it, never the function's software.</summary>
    public bool HasMemoryAt(int bar, ulong offset) => true;

    /// <param name="parts">Of the whole BAR, from its start on; empty to take its mapping away.</param>
    public void Map(int bar, params BarSubrange[] parts) => _parts[bar] = parts;

    public MemoryRegion? Find(int bar, ulong offset, int sizeBytes, out long at)
    {
        at = 0;
        if (bar >= _parts.Length) return null;
        foreach (var part in _parts[bar])
        {
            if (offset < part.SizeBytes)
            {
                at = (long)(part.LocalAddress + offset);
                return offset + (ulong)sizeBytes <= part.SizeBytes ? local : null;
            }
            offset -= part.SizeBytes;
        }
        return null;
    }
}
