using PcieFabric.EndpointControllers;
using PcieFabric.EndpointFunctions.EpfVntbs;
using PcieFabric.NonTransparentBridges;

namespace PcieFabric.HostDrivers;

public sealed partial class NtbEpfDriver
{
    private const ulong PageBytes = 4096;

    public NtbWindow Window(int index) => index >= 0 && index < _windows.Length
        ? new NtbWindow(_windows[index].Size, PageBytes, 1)
        : throw new ArgumentOutOfRangeException(nameof(index));

    public async ValueTask<Errno> SetTranslationAsync(int window, ulong address, ulong sizeBytes)
    {
        if ((uint)window >= _windows.Length || !Window(window).Allows(address, sizeBytes)) return Errno.EINVAL;
        using var turn = await _command.EnterAsync();
        await WriteAsync(VntbRegisters.AddressLow, (uint)address);
        await WriteAsync(VntbRegisters.AddressHigh, (uint)(address >> 32));
        await WriteAsync(VntbRegisters.SizeLow, (uint)sizeBytes);
        await WriteAsync(VntbRegisters.SizeHigh, (uint)(sizeBytes >> 32));
        return await SendAsync(VntbCommand.ConfigureWindow, (uint)window);
    }

    public async ValueTask<Errno> ClearTranslationAsync(int window) =>
        (uint)window < _windows.Length ? await CommandAsync(VntbCommand.TeardownWindow, (uint)window) : Errno.EINVAL;

    public async ValueTask<Errno> ReadPeerAsync(int window, ulong offset, Memory<byte> into)
    {
        if (!IsInside(window, offset, into.Length)) return Errno.EINVAL;
        return (await _host.ReadAsync(_windows[window].Base + offset, into)).IsSuccess ? Errno.None : Errno.EIO;
    }

    /// <remarks>Writes are posted: what the endpoint does not take is lost without an answer.</remarks>
    public async ValueTask<Errno> WritePeerAsync(int window, ulong offset, Memory<byte> from)
    {
        if (!IsInside(window, offset, from.Length)) return Errno.EINVAL;
        return (await _host.WriteAsync(_windows[window].Base + offset, from)).IsSuccess ? Errno.None : Errno.EIO;
    }

    private bool IsInside(int window, ulong offset, int sizeBytes) =>
        (uint)window < _windows.Length && offset <= _windows[window].Size && (ulong)sizeBytes <= _windows[window].Size - offset;

    private async ValueTask<Errno> CommandAsync(VntbCommand command, uint argument)
    {
        using var turn = await _command.EnterAsync();
        return await SendAsync(command, argument);
    }

    /// <summary>While the command registers are ours.</summary>
    private async ValueTask<Errno> SendAsync(VntbCommand command, uint argument)
    {
        // An answer that came too late for an earlier command is none for this one.
        await ClearStatusAsync();
        await WriteAsync(VntbRegisters.Argument, argument);
        await WriteAsync(VntbRegisters.Command, (uint)command);
        for (var deadline = _host.Now + _commandTimeout; _host.Now < deadline; await _host.DelayAsync(CommandPoll))
        {
            var status = await ReadAsync(VntbRegisters.Status);
            if (status == uint.MaxValue) return Errno.ENODEV;
            if ((VntbStatus)(ushort)status is not VntbStatus.None and var answer)
            {
                await ClearStatusAsync();
                return answer == VntbStatus.Ok ? Errno.None : Errno.EINVAL;
            }
        }
        return Errno.ETIMEDOUT;
    }

    private async ValueTask ClearStatusAsync() => await _host.WriteAsync(_registers + VntbRegisters.Status, new byte[sizeof(ushort)]);
}
