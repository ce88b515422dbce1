using PcieFabric.Engine;
using PcieFabric.Links;

namespace PcieFabric.Ports;

/// <summary>
/// The way that the TLPs of a train would take, as the actors on it say: legs from transmitter to transmitter, and the memory at the end. Made while none of
/// them has a message in hand.
/// </summary>
internal sealed class TrainRoute
{
    /// <summary>What a train costs that goes no farther.</summary>
    private const int WorthwhileTlps = 64;

    private const int MostLookedAt = 1024;

    private readonly List<TrainLeg> _legs = [];
    private readonly HashSet<ActorCell> _cells = [];
    private readonly List<ActorCell> _cellsAtSource = [];
    private readonly Partition _partition;
    private readonly ActorCell _source;
    private ulong _addressShift;

    /// <summary>What the slowest wire on it takes for one TLP.</summary>
    private long _slowestPs;

    private TrainRoute(Actor source, in Tlp sample, AddressRange range)
    {
        (Sample, Range, AtSource) = (sample, range, range);
        var cell = source.AttachedTo as ActorCell ?? throw new InvalidOperationException("Invariant: a train starts at an actor of its engine");
        (_source, _partition) = (cell, cell.Partition);
        _cells.Add(cell);
        _cellsAtSource.Add(cell);
    }

    /// <summary>The whole way from an actor by one of its transmitters.</summary>
    /// <param name="place">As the transmitter is told, for the source of its TLPs.</param>
    /// <param name="sample">A whole TLP of the train, without payload.</param>
    /// <param name="range">The bytes that the train may write or read, in the addresses of its source.</param>
    /// <returns>Null where one of the actors on the way lets no train pass.</returns>
    public static TrainRoute? From(Actor source, Transmitter transmitter, int place, in Tlp sample, AddressRange range)
    {
        var route = new TrainRoute(source, in sample, range);
        return route._source.Failure is null && route.TryLeaveBy(transmitter, place) ? route : null;
    }

    /// <summary>The whole way from a device inside a component, which sends only what goes at once.</summary>
    /// <inheritdoc cref="From"/>
    /// <param name="detail">Sent beside each TLP.</param>
    public static TrainRoute? FromDevice(Actor device, Transmitter transmitter, uint detail, in Tlp sample, AddressRange range)
    {
        var route = new TrainRoute(device, in sample, range) { SendsAtOnce = true };
        return route._source.Failure is null && route.TryLeaveBy(transmitter, 0, detail) ? route : null;
    }

    /// <summary>None of its source's requests waits for credits at the transmitter: they are not made before.</summary>
    public bool SendsAtOnce { get; private init; }

    /// <summary>What each TLP is like at this place of the route.</summary>
    public Tlp Sample { get; private set; }

    /// <summary>What the train may write, in the addresses of this place of the route.</summary>
    public AddressRange Range { get; private set; }

    /// <summary>What the train may write, in the addresses of its source.</summary>
    public AddressRange AtSource { get; }

    public IReadOnlyList<TrainLeg> Legs => _legs;

    /// <summary>All actors of which nobody else may take notice.</summary>
    public IReadOnlyCollection<ActorCell> Cells => _cells;

    public Partition Partition => _partition;

    /// <summary>How reads are answered; null for writes.</summary>
    public TrainAnswer? Answer { get; private set; }

    /// <summary>The first leg on which completions go; for writes there is none.</summary>
    public int Turn { get; private set; } = int.MaxValue;

    /// <summary>Where the train's bytes end, or come from; null until the route is whole.</summary>
    public MemoryRegion? Memory { get; private set; }

    /// <summary>Where <see cref="Memory"/> is only borrowed: to be held from the departure of a train until it dissolves.</summary>
    public IBorrowedMemory? Borrowed { get; private set; }

    /// <summary>What is added to an address of the source to find it in <see cref="Memory"/>.</summary>
    public ulong MemoryShift { get; private set; }

    /// <summary>The source's own train that rests on the route and may go on; null if none does.</summary>
    public ITrain? Resting { get; private set; }

    /// <summary>Those of <see cref="Cells"/> who only matter up to the first transmitter: the source, and who may change what it sends.</summary>
    public IReadOnlyList<ActorCell> CellsAtSource => _cellsAtSource;

    /// <summary>Nobody at the source gets what comes there, but for its own credits, or sees any of what goes on behind: only then a train may rest.</summary>
    public bool LeavesSourceForGood { get; private set; } = true;

    public ActorCell Source => _source;

    /// <param name="address">As the source has it.</param>
    public bool Contains(ulong address, ulong sizeBytes) => AtSource.Contains(address, sizeBytes);

    /// <summary>From here on addresses are others, as behind a translation.</summary>
    public void MoveTo(ulong address)
    {
        var shift = address - Range.Base;
        _addressShift += shift;
        Range = new AddressRange(address, Range.Size);
        Sample = Sample.AtAddress(Sample.Address + shift);
    }

    /// <summary>TLPs are sent here, and go on wherever they arrive.</summary>
    /// <param name="source">As the transmitter is told.</param>
    /// <param name="detail">Goes beside each; null for nothing.</param>
    public bool TryLeaveBy(Transmitter transmitter, int source, uint? detail = null)
    {
        if (transmitter.Way is not Channel way || !TryEnter(way.Receiver)) return false;
        var leg = new TrainLeg(transmitter, source, way, Sample.FlowControlClass)
        {
            Detail = detail,
            AddressShift = _addressShift,
            MayOvertake = Sample.IsCompletion || Sample.RelaxedOrdering || Sample.IdBasedOrdering,
            OverheadBytes = TlpWireSize.Bytes(Sample) - Sample.PayloadBytes,
        };
        transmitter.Depart(ref leg.State, leg.Class, _source.NowPs);
        if (leg.State.HasWire) _slowestPs = Math.Max(_slowestPs, transmitter.DurationPs(TlpWireSize.Bytes(Sample)));
        _legs.Add(leg);
        return (way.Receiver.Actor as ITrainStop)?.TryPass(this, way.Inlet) == true;
    }

    /// <summary>TLPs arrived by a link, whose other end this is.</summary>
    public bool TryReceiveAt(LinkPort port)
    {
        if (!port.AllowsTrains || port.CreditWay is not Channel back) return false;
        var leg = _legs[^1];
        (leg.Receiver, leg.CreditWay) = (port, back);
        port.Depart(leg);
        return true;
    }

    /// <summary>Each TLP goes to another actor of the same component as it is.</summary>
    /// <param name="detail">Goes beside each; null for nothing.</param>
    public bool TryGoTo(ActorRef? next, SimTime latency, uint? detail = null)
    {
        if (next is not Channel way || !TryEnter(way.Receiver)) return false;
        (_legs[^1].Inside, _legs[^1].InsidePs, _legs[^1].InsideDetail) = (way, latency.Picoseconds, detail);
        return (way.Receiver.Actor as ITrainStop)?.TryPass(this, way.Inlet) == true;
    }

    /// <summary>Who knows when a TLP's place in the buffers behind the last leg is free.</summary>
    public bool TryBeFreedBy(SourceCredits owner, int source)
    {
        var leg = _legs[^1];
        if (owner.WayTo(source) is not Channel way) return false;
        (leg.Owner, leg.OwnerSource, leg.OwnerWay) = (owner, source, way);
        (leg.State.OwedByOwner, leg.OwnerThreshold) = owner[source].Batch(leg.Class);
        return true;
    }

    /// <summary>The last leg's receiver gives the credits back at once, whatever then becomes of the TLPs.</summary>
    public bool TryBeFreedOnArrival() => _legs[^1].IsFreedOnArrival = true;

    /// <summary>The actor at which the route is counts what comes by.</summary>
    public void Count(Action<long, long> arrived) => _legs[^1].Arrived += arrived;

    /// <summary>Somebody uses the memory at one of the ends without asking, and must not while a train goes.</summary>
    public bool TryWatch(ActorRef? user) => user is not Channel way || TryEnter(way.Receiver);

    /// <summary>Somebody uses the memory from which the source sends.</summary>
    public bool TryWatchSource(ActorRef? user)
    {
        if (user is not Channel way || way.Receiver == _source) return true;
        LeavesSourceForGood &= !_cells.Contains(way.Receiver);
        if (!TryEnter(way.Receiver)) return false;
        _cellsAtSource.Add(way.Receiver);
        return true;
    }

    /// <summary>The end of the route.</summary>
    /// <param name="offset">In the region, of the start of <see cref="Range"/>.</param>
    /// <param name="watchers">Actors that read the memory without asking anybody.</param>
    public bool TryEndIn(MemoryRegion memory, long offset, params ReadOnlySpan<ActorRef?> watchers)
    {
        foreach (var watcher in watchers)
            if (!TryWatch(watcher))
                return false;
        Memory = memory;
        MemoryShift = (ulong)offset - Range.Base + _addressShift;
        return true;
    }

    /// <inheritdoc cref="TryEndIn(MemoryRegion, long, ReadOnlySpan{ActorRef?})"/>
    public bool TryEndIn(IBorrowedMemory memory, long offset)
    {
        Borrowed = memory;
        return TryEndIn(memory.Region, offset);
    }

    /// <summary>Reads are answered here, behind <see cref="TryEndIn"/>; the route goes on with their completions.</summary>
    public bool TryTurnBack(TrainAnswer answer)
    {
        if (answer.Way is not Channel) return false;
        (Answer, Turn) = (answer, _legs.Count);
        var sample = Sample;
        Sample = Tlp.CompletionHeader(in sample, answer.Completer, 0, Math.Min(sample.LengthDw, answer.MaxPayloadBytes / 4));
        return true;
    }

    /// <summary>Whether completions have come back to who asked.</summary>
    public bool IsBackAt(Actor actor) => Sample.IsCompletion && actor.AttachedTo == _source;

    /// <summary>Somebody else's message to an actor on the route, on its way already, comes before a train would be worth its departure.</summary>
    public bool IsSoonCrossed()
    {
        var endPs = _source.NowPs + WorthwhileTlps * _slowestPs;
        // Where so many are busy, to look at all takes longer than what it may spare.
        return _partition.Queue.Count <= MostLookedAt && _partition.Queue.Any(id => _partition.ChannelAt(id) is var channel && channel.Head.DeliveredAtPs < endPs && _cells.Contains(channel.Receiver) && !IsOwn(channel));
    }

    private bool IsOwn(Channel channel)
    {
        foreach (var leg in _legs)
            if (channel == leg.Way || channel == leg.Inside || channel == leg.OwnerWay || channel == leg.CreditWay)
                return true;
        return channel == Answer?.Way;
    }

    private bool TryEnter(ActorCell cell)
    {
        if (cell.Partition != _partition || cell.Failure is not null || !_partition.AllowsTrains(cell)) return false;
        if (cell.Train is { } train)
        {
            if (train.RestsAt != _source || (Resting is not null && Resting != train)) return false;
            Resting = train;
        }
        LeavesSourceForGood &= !_cellsAtSource.Contains(cell);
        _cells.Add(cell);
        return true;
    }
}
