using System.Runtime.CompilerServices;
using PcieFabric.Engine;
using PcieFabric.Links;

namespace PcieFabric.Ports;

/// <summary>
/// One transmitter on the route of a train, what is behind it, and the way of its credits back. Here is the arithmetic of <see cref="Transmitter"/>,
/// <see cref="LinkPort"/> and <see cref="SourceCredits"/> for TLPs of one class of which each waits for the one before.
/// </summary>
internal sealed class TrainLeg(Transmitter transmitter, int source, Channel way, FlowControlClass flowControlClass)
{
    /// <summary>Who sends; its own credits are counted here while the train goes.</summary>
    public Transmitter Transmitter { get; } = transmitter;

    /// <summary>What the transmitter is told of where the TLPs come from.</summary>
    public int Source { get; } = source;

    public Channel Way { get; } = way;

    public FlowControlClass Class { get; } = flowControlClass;

    /// <summary>The other end of a link; null behind a way inside a component.</summary>
    public LinkPort? Receiver { get; set; }

    /// <summary>On which the receiver gives credits back.</summary>
    public Channel? CreditWay { get; set; }

    /// <summary>From where TLPs arrive to where they are sent on or end; null where that is the same actor.</summary>
    public Channel? Inside { get; set; }

    public long InsidePs { get; set; }

    /// <summary>Who says, inside the component, that a TLP has left or has ended; null where the receiver knows.</summary>
    public SourceCredits? Owner { get; set; }

    public int OwnerSource { get; set; }

    /// <summary>On which it says so: to the receiver, or to the transmitter where there is no receiver.</summary>
    public Channel? OwnerWay { get; set; }

    /// <summary>Its place behind this leg is free when it arrives there, however long it then takes to get <see cref="Inside"/>.</summary>
    public bool IsFreedOnArrival { get; set; }

    /// <summary>A smaller TLP may overtake one that lacks data credits (PCIe 6.0 table 2-42).</summary>
    public bool MayOvertake { get; init; }

    /// <summary>When a TLP first comes that may overtake another.</summary>
    public long OvertakenPs { get; private set; } = long.MaxValue;

    /// <summary>Of the header with framing and without payload.</summary>
    public int OverheadBytes { get; set; }

    /// <summary>What is added to addresses before this leg.</summary>
    public ulong AddressShift { get; set; }

    /// <summary>Told at the end how many TLPs arrived, and how many bytes.</summary>
    public Action<long, long>? Arrived { get; set; }

    /// <summary>Credits on their way to the transmitter.</summary>
    public CreditFlow Returns { get; } = new();

    /// <summary>Credits on their way from the owner to the receiver.</summary>
    public CreditFlow Owed { get; } = new();

    public LegState State;

    /// <summary>The thresholds of the two places where credits gather.</summary>
    public CreditThreshold OwnerThreshold, ReceiverThreshold;

    public long PropagationPs { get; set; }

    /// <summary>A TLP that is at the transmitter goes as soon as it may.</summary>
    /// <param name="tailPs">In: behind <paramref name="atPs"/>. Out: what the receiver is told.</param>
    /// <param name="departsPs">When it is decided.</param>
    /// <param name="freePs">When its place before the transmitter is free.</param>
    /// <returns>False if that is not before <paramref name="limitPs"/>: it waits.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryDepart(long atPs, ref long tailPs, int payloadBytes, long limitPs, out long departsPs, out long freePs, out long arrivesPs)
    {
        var data = CreditCounter.DataCredits(payloadBytes);
        (departsPs, freePs, arrivesPs) = (Math.Max(atPs, State.LastDepartedPs), 0, 0);
        if (State.IsBlocked) return false;
        if (MayOvertake && atPs <= State.LastDepartedPs && State.HasWaited && data < State.LastData)
        {
            OvertakenPs = Math.Min(OvertakenPs, atPs);
            State.IsBlocked = true;
            return false;
        }
        while (!Returns.IsEmpty && Returns.Next.TimePs <= departsPs) TakeReturn();
        while (!State.Credits.TryConsume(data))
        {
            if (Returns.IsEmpty || Returns.Next.TimePs >= limitPs)
            {
                State.IsBlocked = true;
                return false;
            }
            departsPs = Returns.Next.TimePs;
            TakeReturn();
        }
        (State.HasWaited, State.LastData) = (departsPs > atPs, data);
        State.LastDepartedPs = departsPs;
        tailPs = Math.Max(0, atPs + tailPs - departsPs);
        State.Sent++;
        State.SentBytes += payloadBytes;
        Transmitter.Plan(ref State.Wire, OverheadBytes + payloadBytes, departsPs, ref tailPs, out freePs, out arrivesPs);
        return true;
    }

    /// <summary>All that arrives before a time has arrived.</summary>
    public void CatchUp(long limitPs)
    {
        Settle(limitPs);
        while (!Returns.IsEmpty && Returns.Next.TimePs < limitPs) TakeReturn();
    }

    /// <summary>It arrived at the receiver.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Receive(int payloadBytes)
    {
        State.Received++;
        State.ReceivedBytes += payloadBytes;
        State.ReceivedData += CreditCounter.DataCredits(payloadBytes);
    }

    /// <summary>It is where it is sent on or ends.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Pass(int payloadBytes)
    {
        State.Passed++;
        State.PassedBytes += payloadBytes;
    }

    /// <summary>Its place behind this leg is free.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Free(int data, long atPs, long limitPs)
    {
        if (Owner is null)
        {
            FreeAtReceiver(1, data, atPs);
            return;
        }
        if (!State.OwedByOwner.Add(1, data, in OwnerThreshold)) return;
        State.OwedByOwner.Take(out var headers, out data);
        if (Receiver is null) Returns.Add(atPs + SourceCredits.LatencyPs, headers, data);
        else
        {
            Owed.Add(atPs + SourceCredits.LatencyPs, headers, data);
            Settle(limitPs);
        }
    }

    /// <summary>The receiver hears what it is owed.</summary>
    public void Settle(long limitPs)
    {
        while (!Owed.IsEmpty && Owed.Next.TimePs < limitPs)
        {
            var owed = Owed.Next;
            Owed.Take();
            FreeAtReceiver(owed.Headers, owed.Data, owed.TimePs);
        }
    }

    private void FreeAtReceiver(int headers, int data, long atPs)
    {
        if (!State.OwedByReceiver.Add(headers, data, in ReceiverThreshold)) return;
        State.OwedByReceiver.Take(out headers, out data);
        State.Updates++;
        State.ReturnedHeaders += headers;
        State.ReturnedData += data;
        Returns.Add(atPs + PropagationPs, headers, data);
    }

    private void TakeReturn()
    {
        ref readonly var credits = ref Returns.Next;
        State.Credits.Return(Class, credits.Headers, credits.Data);
        Returns.Take();
    }
}

/// <summary>What changes on a leg while a train goes.</summary>
internal struct LegState
{
    public ClassCredits Credits;
    public WireClock Wire;
    public CreditBatch OwedByOwner, OwedByReceiver;
    public long Sent, SentBytes, Received, ReceivedBytes, Passed, PassedBytes, Updates;
    public int ReceivedData, ReturnedHeaders, ReturnedData;

    /// <summary>Of the last that departed.</summary>
    public int LastData;

    /// <summary>The last that departed did not do so at once.</summary>
    public bool HasWaited;

    /// <summary>None departs before those that came before it.</summary>
    public long LastDepartedPs;

    /// <summary>A TLP waits, and all that come later behind it.</summary>
    public bool IsBlocked;
}
