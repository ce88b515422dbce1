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
        if (!TryGuestOf(hierarchy, request.Requester, out var guest, out var isOneFunction)) throw new InvalidOperationException($"Invariant: {request.Requester} is somebody's");
        if (request.IsMemoryWrite && HostInterruptController.Window.Contains(request.Address) && (!isOneFunction || request.Address == InterruptAddress))
            return new GuestPlace(request.LengthDw == 1 ? GuestPlaceKind.Interrupt : GuestPlaceKind.None, guest);
        if (!isOneFunction) return new GuestPlace(GuestPlaceKind.PeerOrMemory, guest);
        if (!_peers[guest]!.TryFind(request.Address, (ulong)request.ReachBytes, out var fabricAddress)) return new GuestPlace(GuestPlaceKind.Memory, guest);
        Counters.PeerRequests++;
        return new GuestPlace(GuestPlaceKind.Peer, guest, fabricAddress);
    }

    MemoryOutcome IGateway.Write(int guest, ref readonly Tlp write)
    {
        var runs = new EnabledBytes(in write);
        while (runs.MoveNext(out var at, out var sizeBytes))
        {
            if (_outside.Write(guest, write.Address + (ulong)at, write.Payload.Slice(at, sizeBytes)) == MemoryOutcome.Fault)
            {
                Counters.Faults++;
                return MemoryOutcome.Fault;
            }
        }
        Counters.BytesWritten += write.PayloadBytes;
        return MemoryOutcome.Done;
    }

    void IGateway.Interrupt(int guest, ref readonly Tlp write)
    {
        Counters.Interrupts++;
        _outside.Interrupted(guest, write.Requester, write.Address, BinaryPrimitives.ReadUInt32LittleEndian(write.Payload));
    }

    MemoryOutcome IGateway.Read(int guest, ulong address, Span<byte> into)
    {
        var outcome = _outside.Read(guest, address, into);
        if (outcome == MemoryOutcome.Done) Counters.BytesRead += into.Length;
        else if (outcome == MemoryOutcome.Fault) Counters.Faults++;
        return outcome;
    }

    IBorrowedMemory? IGateway.Borrow(int hierarchy, Bdf requester, AddressRange range, bool forWriting)
    {
        if (!TryGuestOf(hierarchy, requester, out var guest, out _) || range.Overlaps(HostInterruptController.Window) || _peers[guest]!.Overlaps(range)) return null;
        return _outside.Borrow(guest, range, forWriting);
    }

    void IGateway.Passed(long bytesRead, long bytesWritten)
    {
        Counters.BytesRead += bytesRead;
        Counters.BytesWritten += bytesWritten;
    }

    void IGateway.Defer(int guest, int port, ref readonly Tlp request)
    {
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
        int place = completion.Tag;
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

    private bool TryGuestOf(int hierarchy, Bdf requester, out int guest, out bool isOneFunction)
    {
        isOneFunction = _guestOf.TryGetValue((hierarchy, requester), out guest);
        return isOneFunction || _guestOfHierarchy.TryGetValue(hierarchy, out guest);
    }
}
