using PcieFabric.Engine;
using PcieFabric.LocalDevices;

namespace PcieFabric.Endpoints;

/// <summary>The memory behind the BARs of a function.</summary>
internal interface IBarMapping
{
    /// <summary>The place in the BAR is one of memory, whether or not there is some at the moment. Other places are for the function's model.</summary>
    bool HasMemoryAt(int bar, ulong offset);

    /// <param name="at">Where in the region.</param>
    /// <returns>Null where the bytes do not all lie in one piece of memory.</returns>
    MemoryRegion? Find(int bar, ulong offset, int sizeBytes, out long at);

    /// <summary>As <see cref="Find"/>, for more than a request.</summary>
    /// <returns>Null where some of it is not memory, or lies elsewhere.</returns>
    MemoryRegion? FindWhole(int bar, ulong offset, ulong sizeBytes, out long at);

    /// <summary>The device on the endpoint's local bus that stands behind the place instead of memory.</summary>
    /// <param name="access">What goes with the request, and back with its completion.</param>
    /// <returns>Null where there is none.</returns>
    ActorRef? FindDevice(int bar, ulong offset, int sizeBytes, out LocalAccess access);
}

/// <summary>Each BAR is one region from its start on, for good; some of it may be registers instead.</summary>
internal sealed class WholeBars(IReadOnlyDictionary<int, MemoryRegion> memory, IReadOnlyDictionary<int, AddressRange> registers) : IBarMapping
{
    // Asked for each request, and so without going through interfaces.
    private readonly BarRegions _regions = memory as BarRegions ?? BarRegions.Of(memory);
    private readonly IReadOnlyDictionary<int, AddressRange>? _registers = registers.Count == 0 ? null : registers;

    public bool HasMemoryAt(int bar, ulong offset) => _regions.ContainsKey(bar) && !(_registers is not null && _registers.TryGetValue(bar, out var range) && range.Contains(offset));

    public MemoryRegion? Find(int bar, ulong offset, int sizeBytes, out long at)
    {
        at = (long)offset;
        // A virtual function's BAR grows with the system's page, and its memory does not.
        return _regions.TryGetValue(bar, out var region) && at + sizeBytes <= region.SizeBytes ? region : null;
    }

    public MemoryRegion? FindWhole(int bar, ulong offset, ulong sizeBytes, out long at)
    {
        at = (long)offset;
        if (_registers is not null && _registers.TryGetValue(bar, out var range) && range.Overlaps(new AddressRange(offset, sizeBytes))) return null;
        return _regions.TryGetValue(bar, out var region) && offset + sizeBytes <= (ulong)region.SizeBytes ? region : null;
    }

    public ActorRef? FindDevice(int bar, ulong offset, int sizeBytes, out LocalAccess access)
    {
        access = default;
        return null;
    }
}
