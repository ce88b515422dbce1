using PcieFabric.Memory;

namespace PcieFabric.Journals;

/// <summary>
/// Numbers the payloads of a run in the order in which they are first delivered. A TLP is a message at every hop of its way, and a journal has its data once: this
/// tells whether it does, without looking at the data.
/// </summary>
public sealed class PayloadNumbers
{
    private (ulong Rental, long Number)[] _ofBlocks = new (ulong, long)[256];
    private long _count;

    /// <summary>Where the payload of the next message is. What depends on the order of messages alone is the same in equal runs, as that is.</summary>
    public PayloadPlace PlaceOf(PayloadIdentity payload)
    {
        if (payload.IsNone) return PayloadPlace.None;
        if (payload.Block >= _ofBlocks.Length) Array.Resize(ref _ofBlocks, Math.Max(payload.Block + 1, _ofBlocks.Length * 2));
        ref var known = ref _ofBlocks[payload.Block];
        if (known.Rental == payload.Rental && _count - known.Number <= JournalFormat.PayloadsInReach) return new PayloadPlace((int)(_count - known.Number));
        known = (payload.Rental, _count++);
        return PayloadPlace.New;
    }
}
