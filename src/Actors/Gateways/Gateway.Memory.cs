using System.Buffers.Binary;
using PcieFabric.InterruptControllers;
using PcieFabric.RootComplexes;

namespace PcieFabric.Gateways;

/// <content>What functions ask of a guest's memory.</content>
public sealed partial class Gateway
{
    private readonly List<DeferredRead> _deferred = [];
    private readonly Stack<int> _idle = new();

    /// <summary>A read whose data was asked for outside.</summary>
    private record struct DeferredRead(bool IsUnderWay, int Guest, int Port, Tlp Request);

    /// <summary>Reads whose data was asked for outside and has not come. Between runs.</summary>
    public int ReadsUnderWay => _deferred.Count - _idle.Count;

    bool IGateway.Serves(int hierarchy, Bdf requester) => TryGuestOf(hierarchy, requester, out _, out _);

    GuestPlace IGateway.Find(int hierarchy, ref readonly Tlp request)
    {
        if (!TryGuestOf(hierarchy, request.Requester, out var guest, out var takesInterrupts)) throw new InvalidOperationException($"Invariant: {request.Requester} is somebody's");
        if (request.IsMemoryWrite && HostInterruptController.Window.Contains(request.Address) && (!takesInterrupts || request.Address == InterruptAddress))
            return request.LengthDw == 1 ? new GuestPlace(GuestPlaceKind.Interrupt, guest) : Fault(guest);
        if (!_spaces[guest]!.TryFind(request.Address, (ulong)request.ReachBytes, out var found)) return Fault(guest);
        if ((found.Use & RangeUse.Peer) != 0)
        {
            Counters.PeerRequests++;
            return new GuestPlace(GuestPlaceKind.Peer, guest, found.PeerAddress + (request.Address - found.Range.Base));
        }
        var needed = request.IsMemoryRead ? RangeUse.Read : request.IsAtomic ? RangeUse.Read | RangeUse.Write : RangeUse.Write;
        return (found.Use & needed) == needed ? new GuestPlace(GuestPlaceKind.Memory, guest) : Fault(guest);
    }

    void IGateway.Write(int guest, ref readonly Tlp write)
    {
        var runs = new EnabledBytes(in write);
        while (runs.MoveNext(out var at, out var sizeBytes))
        {
            Counters.BytesWritten += sizeBytes;
            _outside.Write(guest, write.Address + (ulong)at, write.Payload.Slice(at, sizeBytes));
        }
    }

    void IGateway.Interrupt(int guest, ref readonly Tlp write)
    {
        Counters.Interrupts++;
        _outside.Interrupted(guest, write.Requester, write.Address, BinaryPrimitives.ReadUInt32LittleEndian(write.Payload));
    }

    bool IGateway.IsAtHand(int guest, ref readonly Tlp request) =>
        _spaces[guest]!.TryFind(request.Address, (ulong)request.ReachBytes, out var found) && (found.Use & RangeUse.Shared) != 0;

    void IGateway.Read(int guest, ulong address, Span<byte> into)
    {
        Counters.BytesRead += into.Length;
        _outside.Read(guest, address, into);
    }

    void IGateway.Defer(int guest, int port, ref readonly Tlp request)
    {
        // Who takes the place of a read that was abandoned must not get its data: a place is used again only once its data has come.
        if (!_idle.TryPop(out var place))
        {
            place = _deferred.Count;
            if (place >= Limits.MaxTags)
            {
                _rootComplex.Answer(port, in request, []);
                return;
            }
            _deferred.Add(default);
        }
        _deferred[place] = new DeferredRead(true, guest, port, request);
        _outside.AskFor(guest, (ushort)place, request.Address, request.ReachBytes);
    }

    /// <summary>The data of a read that was deferred, or that there is none.</summary>
    private void TakeData(ref readonly Tlp completion)
    {
        var place = completion.Tag;
        if (place >= _deferred.Count || !_deferred[place].IsUnderWay) throw new InvalidOperationException($"Invariant: data {place} was asked for");
        var (_, guest, port, request) = _deferred[place];
        _deferred[place] = default;
        _idle.Push(place);
        Counters.BytesRead += completion.PayloadBytes;
        _rootComplex.Answer(port, in request, completion.Payload);
        completion.Release(_context!.Payloads);
    }

    private void AbandonReads(int guest)
    {
        for (var place = 0; place < _deferred.Count; place++)
        {
            var (isUnderWay, whose, port, request) = _deferred[place];
            if (!isUnderWay || whose != guest) continue;
            _deferred[place] = default;
            _idle.Push(place);
            _rootComplex.Answer(port, in request, []);
        }
    }

    private GuestPlace Fault(int guest)
    {
        Counters.Faults++;
        return new GuestPlace(GuestPlaceKind.None, guest);
    }

    private bool TryGuestOf(int hierarchy, Bdf requester, out int guest, out bool takesInterrupts)
    {
        takesInterrupts = _guestOf.TryGetValue((hierarchy, requester), out guest);
        return takesInterrupts || _guestOfHierarchy.TryGetValue(hierarchy, out guest);
    }
}
