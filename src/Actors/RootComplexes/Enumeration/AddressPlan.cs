using PcieFabric.ConfigSpaces;
using PcieFabric.Input;

namespace PcieFabric.RootComplexes.Enumeration;

/// <summary>
/// Gives every BAR its addresses: from the bottom up each bridge packs what is below it, most aligned first, into windows as small as can be; then the host's
/// windows take what is on the root bus, and addresses follow from the top down.
/// </summary>
/// <remarks>
/// The memory window of a bridge has 32-bit addresses and takes what is not prefetchable, of 64-bit BARs too; a 64-bit prefetchable BAR goes to the prefetchable
/// windows if every bridge above it has one of 64 bits, and else to the memory window (PCIe 6.0 sections 7.5.1.2.1, 7.5.1.3.8 and 7.5.1.3.9). Above the root bus
/// no window asks whether a BAR is prefetchable, so every 64-bit BAR there may go high.
/// </remarks>
internal sealed class AddressPlan(EnumeratorOptions options)
{
    private const ulong IoGranule = 1ul << 12;
    private const ulong MemoryGranule = 1ul << 20;
    private const ulong LastNarrowIo = 0xFFFF;

    // Half of all addresses: no window reaches it, since each request is checked against the host's.
    private static readonly AddressRange Unbounded = new(0, 1ul << 63);

    /// <summary>Fills in <see cref="AddressRequest.Base"/> everywhere, and the windows of the bridges.</summary>
    /// <exception cref="InputException">Something does not fit; it is named.</exception>
    public void Assign(IReadOnlyList<DiscoveredFunction> rootBus)
    {
        Assign(rootBus, AddressSpace.Memory);
        Assign(rootBus, AddressSpace.PrefetchableMemory);
        Assign(rootBus, AddressSpace.Io);
    }

    private void Assign(IReadOnlyList<DiscoveredFunction> rootBus, AddressSpace space)
    {
        var requests = Gather(rootBus, space);
        if (requests.Count == 0) return;
        var free = new FreeSpace(Window(space));
        if (TryPack(requests, free) is { } misfit)
        {
            var start = Window(space).Base;
            var enough = TryPack(requests, new FreeSpace(new AddressRange(start, ulong.MaxValue - start))) is null;
            throw DoesNotFit(misfit.Largest, space, free.Left, enough ? End(requests) - start : ulong.MaxValue);
        }
        foreach (var request in requests) request.Settle();
        foreach (var function in rootBus.SelectMany(f => f.DepthFirst()))
        {
            if (space == AddressSpace.Io && function.Bridge is { IoWindow: WindowKind.Narrow } bridge && !bridge.Range(space).IsEmpty && bridge.Range(space).Last > LastNarrowIo)
                throw new InputException($"{function.Bdf}: the bridge decodes 16 bits of I/O addresses, and its window would be {bridge.Range(space)}", "end the host's I/O window at 64 KiB");
        }
    }

    /// <summary>What the functions of one bus ask of the windows above it, most aligned first.</summary>
    private List<AddressRequest> Gather(IReadOnlyList<DiscoveredFunction> bus, AddressSpace space)
    {
        var requests = new List<AddressRequest>();
        foreach (var function in bus)
        {
            foreach (var request in function.Requests)
            {
                if (SpaceOf(request) != space) continue;
                if (request.Size > Window(space).Size) throw DoesNotFit(request, space, Window(space).Size, request.Size);
                requests.Add(request);
            }
            if (function.Bridge is { } bridge && WindowFor(function, space) is { } window)
            {
                bridge[space] = window;
                requests.Add(window);
            }
        }
        // A stable sort, so that equals stay in the order of their functions.
        return [.. requests.OrderByDescending(r => r.Alignment).ThenByDescending(r => r.Size)];
    }

    /// <returns>Null where nothing below asks for addresses.</returns>
    private AddressRequest? WindowFor(DiscoveredFunction bridge, AddressSpace space)
    {
        var inside = Gather(bridge.Children, space);
        if (inside.Count == 0) return null;
        if (space == AddressSpace.Io && bridge.Bridge!.IoWindow == WindowKind.None)
            throw new InputException($"{inside[0].Largest.Function.Path}: {inside[0].Largest} is in I/O space, and bridge {bridge.Bdf} above it has no I/O window", "use a memory BAR, or give the bridge an I/O window");
        var granule = space == AddressSpace.Io ? IoGranule : MemoryGranule;
        if (TryPack(inside, new FreeSpace(Unbounded)) is { } misfit) throw DoesNotFit(misfit.Largest, space, Window(space).Size, ulong.MaxValue);
        var size = (End(inside) + granule - 1) & ~(granule - 1);
        return new AddressRequest(bridge, AddressRequestKind.Window, size, Math.Max(granule, inside[0].Alignment)) { Inside = inside };
    }

    private AddressSpace SpaceOf(AddressRequest request)
    {
        if (request.Space == BarKind.Io) return AddressSpace.Io;
        if (request.Space != BarKind.Memory64 || options.PrefetchableMemory.IsEmpty) return AddressSpace.Memory;
        var bridge = request.Function.Parent;
        return bridge is null || (request.Prefetchable && bridge.PassesPrefetchable64) ? AddressSpace.PrefetchableMemory : AddressSpace.Memory;
    }

    private AddressRange Window(AddressSpace space) => space switch
    {
        AddressSpace.Memory => options.Memory,
        AddressSpace.PrefetchableMemory => options.PrefetchableMemory,
        _ => options.Io,
    };

    /// <returns>The first that found no place, or null.</returns>
    private static AddressRequest? TryPack(List<AddressRequest> requests, FreeSpace free)
    {
        foreach (var request in requests)
        {
            if (!free.TryTake(request.Size, request.Alignment, out var at)) return request;
            request.Place(at);
        }
        return null;
    }

    private static ulong End(List<AddressRequest> requests) => requests.Max(r => r.Base + r.Size);

    private InputException DoesNotFit(AddressRequest request, AddressSpace space, ulong left, ulong needed)
    {
        var name = space switch { AddressSpace.Memory => "32-bit memory", AddressSpace.PrefetchableMemory => "64-bit prefetchable memory", _ => "I/O" };
        var window = Window(space);
        var remains = window.IsEmpty ? $"the host has no {name} window" : $"0x{left:x} bytes are left of the host's {name} window {window}";
        var widen = window.IsEmpty ? "give it a window" : $"widen the window to 0x{needed:x} bytes or more";
        return new InputException(
            $"{request.Function.Path}: {request} does not fit: it takes 0x{request.Size:x} bytes, and {remains}",
            needed == ulong.MaxValue ? "no window is as large; make the BARs smaller" : $"{widen}, or make the BARs smaller");
    }
}
