using PcieFabric.EndpointControllers;
using PcieFabric.NonTransparentBridges;

namespace PcieFabric.EndpointFunctions.EpfVntbs;

/// <remarks>The side of the endpoint's own processor: Linux's virtual PCI bus with its NTB device.</remarks>
public sealed partial class EpfVntb
{
    /// <summary>What of a transfer is under way at a time: a window that is torn down waits for no more than that.</summary>
    private const int PieceBytes = 64 << 10;

    public int WindowCount => _windows.Length;

    public int ScratchpadCount => Options.Scratchpads;

    public NtbDoorbells OwnDoorbells { get; }

    public Action? LinkChanged { get; set; }

    /// <remarks>A BAR is mapped whole: were less than a window shown, the host could reach what lies behind.</remarks>
    public NtbWindow Window(int index) => index >= 0 && index < _windows.Length
        ? new NtbWindow(_windows[index].SizeBytes, Math.Max(Controller.Features.Inbound.AlignmentBytes, Limits.RequestBoundaryBytes), _windows[index].SizeBytes)
        : throw new ArgumentOutOfRangeException(nameof(index));

    public ValueTask<Errno> EnableLinkAsync() => SetLinkAsync(true);

    public ValueTask<Errno> DisableLinkAsync() => SetLinkAsync(false);

    public ValueTask<bool> IsLinkUpAsync() => ValueTask.FromResult(IsLinkUp);

    /// <param name="address">In the function's own memory.</param>
    public async ValueTask<Errno> SetTranslationAsync(int window, ulong address, ulong sizeBytes)
    {
        using var turn = await _changes.EnterAsync();
        if (!IsBound) return Errno.ENODEV;
        if ((uint)window >= _windows.Length || !Window(window).Allows(address, sizeBytes) || !Memory.Range.Contains(address, sizeBytes)) return Errno.EINVAL;
        // The BAR cannot be mapped while the host uses it, and before that there is no host.
        if (!Controller.Features.Inbound.IsDynamic) return Errno.EOPNOTSUPP;
        var own = _windows[window];
        await HideAsync(own);
        own.ShownAddress = address;
        return IsLinkUp ? await ShowAsync(own) : Errno.None;
    }

    public async ValueTask<Errno> ClearTranslationAsync(int window)
    {
        using var turn = await _changes.EnterAsync();
        if (!IsBound) return Errno.ENODEV;
        if ((uint)window >= _windows.Length) return Errno.EINVAL;
        await HideAsync(_windows[window]);
        _windows[window].ShownAddress = null;
        return Errno.None;
    }

    public ValueTask<Errno> ReadPeerAsync(int window, ulong offset, Memory<byte> into) => MoveAsync(window, offset, into, isWrite: false);

    public ValueTask<Errno> WritePeerAsync(int window, ulong offset, Memory<byte> from) => MoveAsync(window, offset, from, isWrite: true);

    public async ValueTask<Errno> RingPeerAsync(ulong doorbells)
    {
        if (!IsBound) return Errno.ENODEV;
        var firstVector = VntbRegisters.FirstDoorbellSlot + 1;
        if ((doorbells & ~OwnDoorbells.ValidMask) != 0) return Errno.EINVAL;
        for (var i = 0; doorbells >> i != 0; i++)
        {
            if ((doorbells >> i & 1) == 0) continue;
            if (firstVector + i > _hostVectors) return _hostVectors == 0 ? Errno.ENOLINK : Errno.EINVAL;
            var result = Keep(await Controller.RaiseIrqAsync(_interrupts, firstVector + i));
            if (!result.IsSuccess) return result.Errno;
        }
        return Errno.None;
    }

    public ValueTask<uint> ReadScratchpadAsync(int index) => ValueTask.FromResult(Read(index, Options.Scratchpads));

    public ValueTask<Errno> WriteScratchpadAsync(int index, uint value) => ValueTask.FromResult(Write(index, Options.Scratchpads, value));

    public ValueTask<uint> ReadPeerScratchpadAsync(int index) => ValueTask.FromResult(Read(index, 0));

    public ValueTask<Errno> WritePeerScratchpadAsync(int index, uint value) => ValueTask.FromResult(Write(index, 0, value));

    private async ValueTask<Errno> SetLinkAsync(bool enabled)
    {
        using var turn = await _changes.EnterAsync();
        if (!IsBound) return Errno.ENODEV;
        _ownEnabled = enabled;
        await SettleLinkAsync();
        return Errno.None;
    }

    private async ValueTask<Errno> MoveAsync(int number, ulong offset, Memory<byte> data, bool isWrite)
    {
        if (!IsBound) return Errno.ENODEV;
        if ((uint)number >= _windows.Length) return Errno.EINVAL;
        var window = _windows[number];
        // All of it must fit, or nothing is done.
        if (offset > window.SizeBytes || (ulong)data.Length > window.SizeBytes - offset) return Errno.EINVAL;
        for (var at = 0; at < data.Length; at += PieceBytes)
        {
            var piece = data[at..Math.Min(data.Length, at + PieceBytes)];
            if (!IsLinkUp) return Errno.ENOLINK;
            if (!window.TryEnter(offset + (ulong)at, (ulong)(data.Length - at), out var address, out var errno)) return errno;
            var result = isWrite ? await WriteAsync(address, piece) : await ReadAsync(address, piece);
            window.Leave();
            if (!result.IsSuccess) return Errno.EIO;
        }
        return Errno.None;
    }

    /// <param name="first">The host's own come first, then those of this side.</param>
    private uint Read(int index, int first) => IsBound && (uint)index < Options.Scratchpads ? this[ScratchpadOffset + 4 * (first + index)] : 0;

    private Errno Write(int index, int first, uint value)
    {
        if (!IsBound) return Errno.ENODEV;
        if ((uint)index >= Options.Scratchpads) return Errno.EINVAL;
        this[ScratchpadOffset + 4 * (first + index)] = value;
        return Errno.None;
    }
}
