using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using PcieFabric.Tlps;

namespace PcieFabric.Links;

/// <summary>
/// What waits to be sent at a port, in order of arrival. The next to go is the first that has credits and may pass everything that arrived before it
/// and still waits (<see cref="OrderingRules"/>): so posted TLPs and completions flow past non-posted ones that have no credits, which keeps a fabric free of deadlocks.
/// </summary>
/// <remarks>
/// Every waiting TLP is examined once for each return of credits, not once a call: as credits are consumed what was blocked stays blocked, so
/// the search goes on where it stopped, and a call on a queue that is blocked as a whole is a comparison. One queue goes with one <see cref="CreditCounter"/>.
/// </remarks>
public sealed class TransmitQueue
{
    private const int None = -1;
    private const int InitialSlots = 8;

    // TLPs wait in slots that are linked in order of arrival; free slots form a list of their own.
    private Waiting[] _slots = [];
    private int _free = None;
    private int _oldest = None;
    private int _newest = None;

    // Of what waits, everything up to and including _lastBlocked is known to be blocked until credits come back.
    private int _lastBlocked = None;
    private uint _returnsSeen;
    private TrafficClasses _blocked;
    private ClassCounts _waiting;
    private ClassCounts _unexamined;

    public int Count { get; private set; }

    public bool IsEmpty => Count == 0;

    /// <param name="place">Of what was just dequeued.</param>
    public ref readonly Waiting this[int place] => ref _slots[place];

    /// <summary>TLPs of one class.</summary>
    public int CountOf(FlowControlClass flowControlClass) => _waiting[(int)flowControlClass];

    /// <summary>The queue takes no more: its owner must not let more come, by credits or by waiting.</summary>
    public bool IsFull => Count == Limits.TransmitQueueTlps;

    /// <param name="source">Whatever the owner wants back with the TLP: for a switch the ingress port, whose credits are freed when it is sent. Sixteen bits hold it: a switch has 256 ports at most.</param>
    /// <exception cref="InvalidOperationException">The queue is full: back-pressure failed, which is a bug of ours.</exception>
    /// <param name="readyAtPs">When all of the TLP will be here, for an owner that sends on what is still coming in.</param>
    public void Enqueue(in Tlp tlp, int source, long readyAtPs = 0)
    {
        if (_free == None) Grow();
        var index = _free;
        ref var slot = ref _slots[index];
        _free = slot.Next;
        slot.Fill(in tlp, checked((short)source), readyAtPs);
        if (_newest == None) _oldest = index;
        else _slots[_newest].Next = index;
        _newest = index;
        var flowControlClass = (int)tlp.FlowControlClass;
        _waiting[flowControlClass]++;
        _unexamined[flowControlClass]++;
        Count++;
    }

    /// <summary>Takes the next TLP that may go, and its credits.</summary>
    /// <returns>False when nothing waits, or everything that waits is blocked.</returns>
    /// <param name="place">Where it is until the next <see cref="Enqueue"/>.</param>
    public bool TryDequeue(ref CreditCounter credits, out int place)
    {
        if (credits.ReturnCount != _returnsSeen) ForgetWhatIsBlocked(credits.ReturnCount);
        while (AnyMayHaveCredits(credits))
        {
            var index = _lastBlocked == None ? _oldest : _slots[_lastBlocked].Next;
            ref var slot = ref _slots[index];
            var flowControlClass = slot.FlowControlClass;
            if (credits.CanConsume(flowControlClass, slot.DataCredits) && MayPassAllBefore(in slot))
            {
                credits.TryConsume(flowControlClass, slot.DataCredits);
                Remove(index, flowControlClass);
                place = index;
                return true;
            }
            _unexamined[(int)flowControlClass]--;
            _blocked.Add(slot);
            _lastBlocked = index;
        }
        place = None;
        return false;
    }

    /// <summary>Takes the oldest TLP whatever its credits: for a link that went down, whose TLPs are dropped or answered.</summary>
    public bool TryDiscard(out Tlp tlp, out int source) => TryDiscard(out tlp, out source, out _);

    /// <inheritdoc cref="TryDiscard(out Tlp, out int)"/>
    public bool TryDiscard(out Tlp tlp, out int source, out long readyAtPs)
    {
        Unsafe.SkipInit(out tlp);
        (source, readyAtPs) = (0, 0);
        if (IsEmpty) return false;
        ForgetWhatIsBlocked(_returnsSeen);
        tlp = _slots[_oldest].Tlp;
        source = _slots[_oldest].Source;
        readyAtPs = _slots[_oldest].ReadyAtPs;
        Remove(_oldest, tlp.FlowControlClass);
        return true;
    }

    private void ForgetWhatIsBlocked(uint returnCount)
    {
        _returnsSeen = returnCount;
        _lastBlocked = None;
        _blocked = default;
        _unexamined = _waiting;
    }

    /// <summary>Something not yet examined is of a class that has a header credit left. Ends a search as soon as it is in vain.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool AnyMayHaveCredits(in CreditCounter credits) =>
        (_unexamined[(int)FlowControlClass.Posted] > 0 && credits.AvailableHeaders(FlowControlClass.Posted) > 0)
        || (_unexamined[(int)FlowControlClass.NonPosted] > 0 && credits.AvailableHeaders(FlowControlClass.NonPosted) > 0)
        || (_unexamined[(int)FlowControlClass.Completion] > 0 && credits.AvailableHeaders(FlowControlClass.Completion) > 0);

    private bool MayPassAllBefore(in Waiting candidate)
    {
        if (_lastBlocked == None) return true;
        // Without RO and IDO the classes decide, and only completions need a look at each other's transactions.
        if (!candidate.Tlp.RelaxedOrdering && !candidate.Tlp.IdBasedOrdering)
        {
            if (_blocked.HasPosted(candidate)) return false;
            if (candidate.FlowControlClass != FlowControlClass.Completion || !_blocked.HasCompletion(candidate)) return true;
        }
        var index = _oldest;
        while (OrderingRules.MayPass(candidate.Tlp, _slots[index].Tlp))
        {
            if (index == _lastBlocked) return true;
            index = _slots[index].Next;
        }
        return false;
    }

    /// <summary>Unlinks the TLP that follows the last blocked one.</summary>
    private void Remove(int index, FlowControlClass flowControlClass)
    {
        ref var slot = ref _slots[index];
        if (_lastBlocked == None) _oldest = slot.Next;
        else _slots[_lastBlocked].Next = slot.Next;
        if (_newest == index) _newest = _lastBlocked;
        _waiting[(int)flowControlClass]--;
        _unexamined[(int)flowControlClass]--;
        Count--;
        slot.Next = _free;
        _free = index;
    }

    private void Grow()
    {
        if (IsFull) throw new InvalidOperationException($"Invariant: back-pressure keeps a transmit queue below {Limits.TransmitQueueTlps} TLPs");
        var used = _slots.Length;
        Array.Resize(ref _slots, Math.Min(Math.Max(InitialSlots, used * 2), Limits.TransmitQueueTlps));
        for (var index = _slots.Length - 1; index >= used; index--)
        {
            _slots[index].Next = _free;
            _free = index;
        }
    }

    /// <summary>Sixty-four bytes: one cache line for a TLP and what the search wants to know of it.</summary>
    public struct Waiting
    {
        private Tlp _tlp;
        internal int Next;

        [UnscopedRef]
        public readonly ref readonly Tlp Tlp => ref _tlp;
        public long ReadyAtPs { get; private set; }
        public short Source { get; private set; }
        public ushort DataCredits { get; private set; }

        internal void Fill(in Tlp tlp, short source, long readyAtPs)
        {
            _tlp = tlp;
            Next = None;
            ReadyAtPs = readyAtPs;
            Source = source;
            DataCredits = (ushort)CreditCounter.DataCredits(in tlp);
        }

        public readonly FlowControlClass FlowControlClass => Tlp.FlowControlClass;
    }

    /// <summary>The traffic classes of which posted TLPs, and completions, are among the blocked: a bit each.</summary>
    private struct TrafficClasses
    {
        private int _posted;
        private int _completion;

        public void Add(in Waiting slot)
        {
            if (slot.FlowControlClass == FlowControlClass.Posted) _posted |= 1 << slot.Tlp.TrafficClass;
            if (slot.FlowControlClass == FlowControlClass.Completion) _completion |= 1 << slot.Tlp.TrafficClass;
        }

        public readonly bool HasPosted(in Waiting slot) => (_posted >> slot.Tlp.TrafficClass & 1) != 0;
        public readonly bool HasCompletion(in Waiting slot) => (_completion >> slot.Tlp.TrafficClass & 1) != 0;
    }

    [InlineArray(3)]
    private struct ClassCounts
    {
        private int _first;
    }
}
