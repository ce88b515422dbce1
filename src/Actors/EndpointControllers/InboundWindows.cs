using PcieFabric.EndpointControllers.Profiles;
using PcieFabric.Endpoints;
using PcieFabric.Engine;
using PcieFabric.LocalDevices;

namespace PcieFabric.EndpointControllers;

/// <summary>The inbound windows of one function: for each BAR the parts of local memory, and the local devices, behind it.</summary>
internal sealed class InboundWindows(int function, MemoryRegion local, LocalBus bus) : IBarMapping
{
    private readonly BarSubrange[][] _parts = [.. Enumerable.Repeat<BarSubrange[]>([], ControllerProfile.BarCount)];

    private int _wired;

    /// <summary>Windows in use.</summary>
    public int Count => _parts.Sum(parts => parts.Length) - _wired;

    public int CountOf(int bar) => _parts[bar].Length;

    /// <summary>A reserved BAR too: the hardware answers for it, never the function's software.</summary>
    public bool HasMemoryAt(int bar, ulong offset) => true;

    /// <param name="parts">Of the whole BAR, from its start on; empty to take its mapping away.</param>
    public void Map(int bar, params BarSubrange[] parts) => _parts[bar] = parts;

    /// <summary>The hardware itself shows a device in a reserved BAR, which takes no window.</summary>
    /// <param name="offset">Where in the BAR.</param>
    public void Wire(int bar, ulong offset, BarSubrange device)
    {
        _parts[bar] = offset == 0 ? [device] : [new BarSubrange(BarSubrange.Nowhere, offset), device];
        _wired += _parts[bar].Length;
    }

    public MemoryRegion? Find(int bar, ulong offset, int sizeBytes, out long at) => FindWhole(bar, offset, (ulong)sizeBytes, out at);

    public MemoryRegion? FindWhole(int bar, ulong offset, ulong sizeBytes, out long at)
    {
        at = 0;
        if (!TryTranslate(bar, offset, sizeBytes, out var address) || address >= LocalBus.Base) return null;
        at = (long)address;
        return local;
    }

    public ActorRef? FindDevice(int bar, ulong offset, int sizeBytes, out LocalAccess access)
    {
        access = default;
        if (!TryTranslate(bar, offset, (ulong)sizeBytes, out var address) || !bus.TryFind(address, (ulong)sizeBytes, out var device, out var register)) return null;
        access = new LocalAccess(LocalSource.Bar, function, register);
        return device;
    }

    private bool TryTranslate(int bar, ulong offset, ulong sizeBytes, out ulong address)
    {
        address = 0;
        if (bar >= _parts.Length) return false;
        foreach (var part in _parts[bar])
        {
            if (offset < part.SizeBytes)
            {
                address = part.LocalAddress + offset;
                return offset + sizeBytes <= part.SizeBytes;
            }
            offset -= part.SizeBytes;
        }
        return false;
    }
}
