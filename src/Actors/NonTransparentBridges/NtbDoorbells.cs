using PcieFabric.EndpointControllers;

namespace PcieFabric.NonTransparentBridges;

/// <summary>
/// The doorbells of one side: a bit each that the peer sets and this side clears. A ring of a bit that is set already is one with the ring that set it, as in the
/// doorbell registers of hardware bridges. Software is told when a bit that is not masked gets set, and when one that is set gets unmasked.
/// </summary>
/// <param name="validMask">A bit for each doorbell that there is.</param>
public sealed class NtbDoorbells(ulong validMask)
{
    private ulong _pending;
    private ulong _mask;
    private TaskCompletionSource<ulong>? _waiting;
    private ulong _awaited;

    public ulong ValidMask => validMask;

    /// <summary>Doorbells rung by the peer, those too that were set already.</summary>
    public long Rings { get; private set; }

    /// <summary>Rings that found their bit set.</summary>
    public long Merged { get; private set; }

    /// <summary>Called with the bits that software is told of.</summary>
    public Action<ulong>? Rang { get; set; }

    /// <summary>The bits that are set, masked ones too.</summary>
    public ulong Read() => _pending;

    public Errno Clear(ulong bits)
    {
        if (!IsValid(bits)) return Errno.EINVAL;
        _pending &= ~bits;
        return Errno.None;
    }

    /// <summary>Software is not told of these.</summary>
    public Errno SetMask(ulong bits)
    {
        if (!IsValid(bits)) return Errno.EINVAL;
        _mask |= bits;
        return Errno.None;
    }

    /// <summary>And now it is again.</summary>
    public Errno ClearMask(ulong bits)
    {
        if (!IsValid(bits)) return Errno.EINVAL;
        var unmasked = bits & _mask;
        _mask &= ~bits;
        Tell(unmasked & _pending);
        return Errno.None;
    }

    /// <summary>Waits until one of the bits is set and not masked. It stays set.</summary>
    /// <returns>Those that are; none when the port is gone.</returns>
    /// <exception cref="InvalidOperationException">Somebody waits already.</exception>
    public Task<ulong> WaitAsync(ulong bits)
    {
        if (_waiting is not null) throw new InvalidOperationException("the doorbells of a port are awaited twice at a time");
        var ready = _pending & ~_mask & bits;
        if (ready != 0) return Task.FromResult(ready);
        _awaited = bits;
        _waiting = new TaskCompletionSource<ulong>();
        return _waiting.Task;
    }

    /// <summary>The peer rings. Bits that are no doorbells are ignored.</summary>
    internal void Ring(ulong bits)
    {
        bits &= validMask;
        Rings += System.Numerics.BitOperations.PopCount(bits);
        Merged += System.Numerics.BitOperations.PopCount(bits & _pending);
        var set = bits & ~_pending;
        _pending |= bits;
        Tell(set & ~_mask);
    }

    /// <summary>The port is gone: nothing is set, and nobody is to wait any more.</summary>
    internal void Close()
    {
        (_pending, _mask) = (0, 0);
        Take()?.SetResult(0);
    }

    private bool IsValid(ulong bits) => (bits & ~validMask) == 0;

    private void Tell(ulong bits)
    {
        if (bits == 0) return;
        Rang?.Invoke(bits);
        // What was just called may have cleared some.
        if ((_pending & ~_mask & _awaited) is not 0 and var ready) Take()?.SetResult(ready);
    }

    private TaskCompletionSource<ulong>? Take()
    {
        var waiting = _waiting;
        (_waiting, _awaited) = (null, 0);
        return waiting;
    }
}
