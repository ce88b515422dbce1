using PcieFabric.EndpointControllers;

namespace PcieFabric.EndpointFunctions.EpfVntbs;

/// <summary>A memory window of a virtual NTB: a BAR through which the host reaches the endpoint's memory, and an outbound window through which the endpoint reaches the host's.</summary>
internal sealed class VntbWindow(BarSettings bar)
{
    private OutboundMapping? _toHost;
    private ulong _hostBytes;
    private bool _isRevoked;
    private int _users;
    private TaskCompletionSource? _drained;

    /// <summary>As long as it shows nothing.</summary>
    public BarSettings Bar => bar;

    public ulong SizeBytes => bar.SizeBytes;

    /// <summary>What the endpoint's software shows to the host; null for nothing.</summary>
    public ulong? ShownAddress { get; set; }

    /// <summary>The BAR is mapped there, so that the host reaches it.</summary>
    public bool IsShown { get; set; }

    /// <summary>The host's memory is there.</summary>
    public void Open(OutboundMapping toHost, ulong sizeBytes) => (_toHost, _hostBytes, _isRevoked) = (toHost, sizeBytes, false);

    /// <summary>No further access to the host's memory begins.</summary>
    public void Revoke() => _isRevoked = true;

    /// <summary>Those under way have ended.</summary>
    public async ValueTask DrainAsync()
    {
        if (_users == 0) return;
        _drained = new TaskCompletionSource();
        await _drained.Task;
        _drained = null;
    }

    /// <summary>Nothing reaches the host's memory any more.</summary>
    /// <returns>What is to be unmapped.</returns>
    public async ValueTask<OutboundMapping?> CloseAsync()
    {
        Revoke();
        await DrainAsync();
        var toHost = _toHost;
        _toHost = null;
        return toHost;
    }

    /// <summary>Begins an access to the host's memory, to be ended by <see cref="Leave"/>.</summary>
    /// <param name="address">Local.</param>
    /// <param name="errno">Why not.</param>
    public bool TryEnter(ulong offset, ulong sizeBytes, out ulong address, out Errno errno)
    {
        address = 0;
        errno = _toHost is null || _isRevoked ? Errno.EIO : offset > _hostBytes || sizeBytes > _hostBytes - offset ? Errno.EINVAL : Errno.None;
        if (errno != Errno.None) return false;
        address = _toHost!.Value.LocalAddress + offset;
        _users++;
        return true;
    }

    public void Leave()
    {
        if (--_users == 0) _drained?.SetResult();
    }
}
