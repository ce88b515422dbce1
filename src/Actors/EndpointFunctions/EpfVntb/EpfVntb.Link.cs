using PcieFabric.EndpointControllers;

namespace PcieFabric.EndpointFunctions.EpfVntbs;

public sealed partial class EpfVntb
{
    private bool _ownEnabled;

    /// <summary>What software was told last.</summary>
    private bool _toldUp;

    /// <summary>Both sides want the link up, and windows are open accordingly.</summary>
    public bool IsLinkUp { get; private set; }

    /// <summary>Makes the link what both sides want, and says so to both. While it is down nothing passes a window in either direction.</summary>
    private async ValueTask SettleLinkAsync()
    {
        var life = _hostLives;
        var up = _hostEnabled && _ownEnabled;
        if (up)
            foreach (var window in _windows)
                await ShowAsync(window);
        // A reset came meanwhile, and waits for its turn.
        if (life != _hostLives) up = false;
        IsLinkUp = up;
        if (!up)
        {
            foreach (var window in _windows)
            {
                await HideAsync(window);
                await window.DrainAsync();
            }
        }
        if (IsBound) WriteHalf(VntbRegisters.LinkStatus, up ? VntbRegisters.LinkUp : (ushort)0);
        if (up == _toldUp) return;
        _toldUp = up;
        if (_hostVectors > 0) Keep(await Controller.RaiseIrqAsync(_interrupts, VntbRegisters.LinkSlot + 1));
        LinkChanged?.Invoke();
    }

    /// <summary>Lets the host reach what the window shows, if it shows anything.</summary>
    private async ValueTask<Errno> ShowAsync(VntbWindow window)
    {
        if (window.ShownAddress is not { } address || window.IsShown) return Errno.None;
        var result = Keep(await Controller.SetBarAsync(window.Bar with { LocalAddress = address }));
        window.IsShown = result.IsSuccess;
        return result.Errno;
    }

    private async ValueTask HideAsync(VntbWindow window)
    {
        if (!window.IsShown) return;
        window.IsShown = false;
        Keep(await Controller.SetBarAsync(window.Bar));
    }
}
