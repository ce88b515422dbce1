namespace PcieFabric.Ports;

/// <summary>What a port knows of its siblings: each one's latest <see cref="Route"/>. A switch has few ports, so it looks through them, the last hit first.</summary>
public sealed class RouteTable(int siblings)
{
    public const int None = -1;

    private readonly Route[] _routes = new Route[siblings];
    private int _lastHit;
    private int _lastBus;

    public ref Route this[int sibling] => ref _routes[sibling];

    /// <returns>The sibling that claims the address, or <see cref="None"/>.</returns>
    public int ByAddress(ulong address)
    {
        if (_routes[_lastHit].ClaimsAddress(address)) return _lastHit;
        for (var i = 0; i < _routes.Length; i++)
            if (_routes[i].ClaimsAddress(address))
                return _lastHit = i;
        return None;
    }

    /// <param name="sibling">That claims the whole range, or <see cref="None"/> if none claims any of it.</param>
    /// <returns>False where it is neither.</returns>
    public bool TryFind(AddressRange range, out int sibling)
    {
        sibling = ByAddress(range.Base);
        if (sibling != None) return _routes[sibling].ClaimsAll(range);
        return !ClaimsAny(range);
    }

    public bool ClaimsAny(AddressRange range)
    {
        foreach (ref readonly var route in _routes.AsSpan())
            if (route.ClaimsAny(range))
                return true;
        return false;
    }

    public int ByIo(uint address)
    {
        for (var i = 0; i < _routes.Length; i++)
            if (_routes[i].ClaimsIo(address))
                return i;
        return None;
    }

    public int ByBus(byte bus)
    {
        if (_routes[_lastBus].ClaimsBus(bus)) return _lastBus;
        for (var i = 0; i < _routes.Length; i++)
            if (_routes[i].ClaimsBus(bus))
                return _lastBus = i;
        return None;
    }

    /// <summary>The sibling that is this device and function on the bus they share.</summary>
    public int ByDevice(int device, int function)
    {
        for (var i = 0; i < _routes.Length; i++)
            if (_routes[i].IsAnnounced && _routes[i].Device == device && _routes[i].Function == function)
                return i;
        return None;
    }
}
