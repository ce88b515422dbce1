using PcieFabric.EndpointControllers;

namespace PcieFabric.EndpointFunctions.EpfVntbs;

public sealed partial class EpfVntb
{
    private InterruptType _interrupts;
    private int _hostVectors;
    private bool _hostEnabled;
    private int _polls;
    private bool _isPolling;

    /// <summary>One more at each reset: what the host asked for before is not answered after.</summary>
    private int _hostLives;

    private void BeginPolling()
    {
        var poll = ++_polls;
        Start(() => PollAsync(poll));
    }

    private void EndPolling() => _polls++;

    private async Task PollAsync(int poll)
    {
        _isPolling = true;
        while (poll == _polls)
        {
            await TakeCommandAsync();
            if (poll == _polls) await DelayAsync(Options.PollInterval);
        }
        _isPolling = false;
    }

    private async Task TakeCommandAsync()
    {
        var (command, argument) = ((VntbCommand)this[VntbRegisters.Command], this[VntbRegisters.Argument]);
        if (command == VntbCommand.None) return;
        Commands++;
        this[VntbRegisters.Command] = 0;
        this[VntbRegisters.Argument] = 0;
        using var turn = await _changes.EnterAsync();
        var life = _hostLives;
        var done = await CarryOutAsync(command, argument);
        if (!done) FailedCommands++;
        if (life == _hostLives) WriteHalf(VntbRegisters.Status, (ushort)(done ? VntbStatus.Ok : VntbStatus.Error));
    }

    private async ValueTask<bool> CarryOutAsync(VntbCommand command, uint argument)
    {
        switch (command)
        {
            case VntbCommand.ConfigureDoorbell:
                return ConfigureDoorbell(argument);
            case VntbCommand.TeardownDoorbell:
                _hostVectors = 0;
                return true;
            case VntbCommand.ConfigureWindow when argument < _windows.Length:
                return await ConfigureAsync(_windows[argument], Wide(VntbRegisters.AddressLow), Wide(VntbRegisters.SizeLow));
            case VntbCommand.TeardownWindow when argument < _windows.Length:
                await CloseAsync(_windows[argument]);
                return true;
            case VntbCommand.LinkUp or VntbCommand.LinkDown:
                _hostEnabled = command == VntbCommand.LinkUp;
                await SettleLinkAsync();
                return true;
            default:
                return false;
        }
    }

    private bool ConfigureDoorbell(uint argument)
    {
        var msiX = (argument & VntbRegisters.MsiXEnable) != 0;
        var vectors = argument & ~VntbRegisters.MsiXEnable;
        if (vectors is 0 or > Limits.MaxVntbSlots || !(msiX ? Controller.Features.Interrupts.MsiX : Controller.Features.Interrupts.Msi)) return false;
        (_interrupts, _hostVectors) = (msiX ? InterruptType.MsiX : InterruptType.Msi, (int)vectors);
        return true;
    }

    /// <summary>The host's memory in an outbound window, in place of what was there.</summary>
    private async ValueTask<bool> ConfigureAsync(VntbWindow window, ulong address, ulong sizeBytes)
    {
        await CloseAsync(window);
        if (sizeBytes == 0 || sizeBytes > window.SizeBytes || address + (sizeBytes - 1) < address) return false;
        var life = _hostLives;
        var (result, mapping) = await Controller.MapMemoryAsync(address, sizeBytes);
        if (!Keep(result).IsSuccess) return false;
        if (life == _hostLives && mapping.SizeBytes == sizeBytes)
        {
            window.Open(mapping, sizeBytes);
            return true;
        }
        await Controller.UnmapMemoryAsync(mapping);
        return false;
    }

    private async ValueTask CloseAsync(VntbWindow window)
    {
        if (await window.CloseAsync() is { } toHost) await Controller.UnmapMemoryAsync(toHost);
    }

    private async Task HostWasResetAsync()
    {
        using var turn = await _changes.EnterAsync();
        if (IsBound) await LoseHostAsync();
    }

    /// <summary>What the host has set up is no more.</summary>
    private async ValueTask LoseHostAsync()
    {
        (_hostEnabled, _hostVectors) = (false, 0);
        foreach (var window in _windows) await CloseAsync(window);
        await SettleLinkAsync();
    }
}
