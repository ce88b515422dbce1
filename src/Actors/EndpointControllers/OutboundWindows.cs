using PcieFabric.EndpointControllers.Profiles;

namespace PcieFabric.EndpointControllers;

/// <summary>
/// The outbound windows of a controller. Each has a piece of the local address space of its own, as large as a window can be, so that
/// finding one is a division.
/// </summary>
internal sealed class OutboundWindows
{
    /// <summary>Where they start in the local address space: above all local memory, and above 4 GiB.</summary>
    public const ulong LocalBase = 1ul << 48;

    private readonly OutboundProfile _profile;
    private readonly Window[] _windows;
    private readonly ulong _stride;

    private struct Window
    {
        public ulong LocalAddress;
        public ulong BusAddress;
        public ulong SizeBytes;
        public int Owner;
    }

    public OutboundWindows(OutboundProfile profile)
    {
        _profile = profile;
        _windows = new Window[profile.Windows];
        _stride = profile.LargestBytes + Limits.RequestBoundaryBytes;
    }

    /// <summary>Windows in use.</summary>
    public int Count { get; private set; }

    /// <param name="owner">The function on whose behalf requests leave by the window.</param>
    public ControllerRule Map(int owner, ulong busAddress, ulong sizeBytes, out ulong localAddress)
    {
        localAddress = 0;
        var size = (sizeBytes + _profile.PageBytes - 1) & ~(_profile.PageBytes - 1);
        if ((busAddress & (_profile.PageBytes - 1)) != 0) return ControllerRule.AddressNotAligned;
        if (sizeBytes == 0 || size > _profile.LargestBytes || busAddress + (size - 1) < busAddress) return ControllerRule.WindowTooLarge;
        for (var i = 0; i < _windows.Length; i++)
        {
            if (_windows[i].SizeBytes != 0) continue;
            // The same place in its 4 KiB on both sides: what is cut at 4 KiB here crosses none there.
            localAddress = LocalBase + (ulong)i * _stride + (busAddress & (Limits.RequestBoundaryBytes - 1));
            _windows[i] = new Window { LocalAddress = localAddress, BusAddress = busAddress, SizeBytes = size, Owner = owner };
            Count++;
            return ControllerRule.None;
        }
        return ControllerRule.NoOutboundWindow;
    }

    public ControllerRule Unmap(int owner, ulong localAddress)
    {
        var index = IndexOf(localAddress);
        if (index < 0 || _windows[index].Owner != owner || _windows[index].SizeBytes == 0) return ControllerRule.NoSuchWindow;
        _windows[index] = default;
        Count--;
        return ControllerRule.None;
    }

    /// <returns>False where no window of the function holds all the bytes.</returns>
    public bool TryTranslate(int owner, ulong localAddress, ulong sizeBytes, out ulong busAddress)
    {
        busAddress = 0;
        var index = IndexOf(localAddress);
        if (index < 0) return false;
        ref var window = ref _windows[index];
        var offset = localAddress - window.LocalAddress;
        if (window.Owner != owner || offset >= window.SizeBytes || sizeBytes > window.SizeBytes - offset) return false;
        busAddress = window.BusAddress + offset;
        return true;
    }

    private int IndexOf(ulong localAddress)
    {
        var index = (localAddress - LocalBase) / _stride;
        return localAddress >= LocalBase && index < (ulong)_windows.Length ? (int)index : -1;
    }
}
