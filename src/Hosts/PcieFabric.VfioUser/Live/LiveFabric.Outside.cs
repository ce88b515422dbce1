using PcieFabric.Addressing;
using PcieFabric.Engine;
using PcieFabric.Gateways;
using PcieFabric.Memory;
using PcieFabric.RootComplexes;
using PcieFabric.Tlps;
using PcieFabric.Units;
using PcieFabric.VfioUser.Devices;

namespace PcieFabric.VfioUser.Live;

/// <content>What functions do to guests, and what guests have to say to that.</content>
public sealed partial class LiveFabric
{
    /// <summary>A line that stays asserted though all guests have been asked this often is asserted by a function that nobody has.</summary>
    private const int MostLineRounds = 4;

    private readonly List<LiveGuest?> _guests = [];
    private readonly Queue<Supply> _supplies = new();
    private readonly Dictionary<(int Host, ushort Tag), (int Guest, long Serial)> _asked = [];
    private readonly HashSet<(int Host, int Line)> _lines = [];
    private long _lastSerial;
    private bool _isSettling;

    /// <summary>Data of a read that was asked for, or null if there is none.</summary>
    private readonly record struct Supply(int Host, ushort Tag, ulong Address, int SizeBytes, byte[]? Data);

    /// <summary>Lets a guest in: what its functions ask for is asked of it.</summary>
    /// <param name="function">The one that it has; null for all of its hierarchy.</param>
    internal void Join(LiveGuest guest, Bdf? function)
    {
        using (Enter())
        {
            guest.Number = _guests.IndexOf(null);
            if (guest.Number < 0)
            {
                guest.Number = _guests.Count;
                _guests.Add(null);
            }
            _guests[guest.Number] = guest;
            Tell(guest.Place.Host, function is { } one
                ? GatewayInput.Claim(guest.Number, guest.Place.Hierarchy, one)
                : GatewayInput.ClaimHierarchy(guest.Number, guest.Place.Hierarchy));
        }
    }

    /// <summary>The guest is gone. Its functions must be quiet by now, or fail in what they do.</summary>
    internal void Leave(LiveGuest guest)
    {
        using (Enter())
        {
            foreach (var asked in _asked.Where(asked => asked.Value.Guest == guest.Number).Select(asked => asked.Key).ToList()) _asked.Remove(asked);
            CloseAllPeers(guest);
            _guests[guest.Number] = null;
            guest.Forget();
            Tell(guest.Place.Host, GatewayInput.Release(guest.Number));
            UpdatePeers();
        }
    }

    /// <summary>Runs something that is more than one access, with nothing in between.</summary>
    internal T Together<T>(Func<T> accesses)
    {
        using (Enter()) return accesses();
    }

    private void Tell(int host, in GatewayInput input)
    {
        ThrowIfStopped();
        var at = Advance();
        var message = Message.Of(MessageKind.Input, in input);
        Inject(host, in message, at);
        Run(at.Picoseconds + 1);
    }

    /// <summary>Does what the engine, while it ran, could only take note of.</summary>
    private void Settle()
    {
        if (_isSettling || (_supplies.Count == 0 && _lines.Count == 0)) return;
        _isSettling = true;
        try
        {
            while (_supplies.TryDequeue(out var supply)) Give(in supply);
            if (_lines.Count > 0) TakeLines();
        }
        finally
        {
            _isSettling = false;
        }
    }

    private void Give(in Supply supply)
    {
        if (!_asked.Remove((supply.Host, supply.Tag))) return;
        var at = Advance();
        var request = Tlp.MemoryRead(default, supply.Tag, supply.Address, supply.SizeBytes);
        var pool = DeterministicEngine.PayloadsOf(Fabric.Gateways[supply.Host].Inputs);
        var completion = supply.Data is null
            ? Tlp.CompletionFor(in request, default, CompletionStatus.UnsupportedRequest)
            : Tlp.CompletionWithData(in request, default, 0, request.LengthDw, pool);
        supply.Data?.CopyTo(completion.WritablePayload);
        var message = Message.OfOwn(in completion);
        Inject(supply.Host, in message, at);
        Run(at.Picoseconds + 1);
        RunAhead();
    }

    /// <summary>As an operating system handles a line that several devices share: it asks each whether it was the one, until the line is free.</summary>
    private void TakeLines()
    {
        for (var round = 0; round < MostLineRounds && _lines.Count > 0; round++)
        {
            foreach (var guest in _guests.ToArray())
            {
                if (guest is not null && _lines.Any(line => line.Host == guest.Place.Host)) guest.TakeLine();
            }
            _lines.RemoveWhere(line => !Fabric.Gateways[line.Host].IsAsserted(line.Line));
        }
        _lines.Clear();
    }

    private void Supplied(int host, ushort tag, long serial, ulong address, int sizeBytes, byte[]? data)
    {
        using (Enter())
        {
            if (_stopping || !_asked.TryGetValue((host, tag), out var asked) || asked.Serial != serial) return;
            _supplies.Enqueue(new Supply(host, tag, address, sizeBytes, data));
            _hasInput = true;
        }
    }

    /// <summary>What is outside of one host. Called while the engine runs.</summary>
    private sealed class Outside(LiveFabric owner, int host) : IOutside
    {
        private SimTime Now => owner._engine.Now;

        private int Inputs => owner.Fabric.Gateways[host].Inputs.ChannelId;

        public void Answered(int ticket, bool isSuccess, ReadOnlySpan<byte> data)
        {
            data.CopyTo(owner._answer);
            (owner._isAnswered, owner._isSuccess, owner._answerBytes) = (true, isSuccess, data.Length);
            owner._engine.Stop();
        }

        public MemoryOutcome Read(int guest, ulong address, Span<byte> into)
        {
            var access = owner._guests[guest]?.Client?.Memory.Read(address, into) ?? GuestAccess.Fault;
            var outcome = access switch
            {
                GuestAccess.Done => MemoryOutcome.Done,
                GuestAccess.NotShared => MemoryOutcome.Later,
                _ => MemoryOutcome.Fault,
            };
            owner._recorder?.AddMemoryRead(Inputs, outcome, into, Now);
            return outcome;
        }

        public MemoryOutcome Write(int guest, ulong address, ReadOnlySpan<byte> data)
        {
            var access = owner._guests[guest] is { Client: { } client } there
                ? client.Memory.Write(address, data) is var tried && tried == GuestAccess.NotShared ? there.Send(address, data, owner._gate) ? GuestAccess.Done : GuestAccess.Fault : tried
                : GuestAccess.Fault;
            if (access != GuestAccess.Fault) return MemoryOutcome.Done;
            owner._recorder?.AddMemoryWriteFault(Inputs, address, Now);
            return MemoryOutcome.Fault;
        }

        /// <summary>In a session that is recorded no train departs, as who records watches every message; so what it reads need not be recorded here.</summary>
        public IBorrowedMemory? Borrow(int guest, AddressRange range, bool forWriting) => owner._recorder is null ? owner._guests[guest]?.Client?.Memory.Borrow(range, forWriting) : null;

        public void AskFor(int guest, ushort tag, ulong address, int sizeBytes)
        {
            var serial = ++owner._lastSerial;
            owner._asked[(host, tag)] = (guest, serial);
            // The answer may come at once, on this thread, from a client that has left.
            if (owner._guests[guest]?.Client is { } client
                && client.DmaRead(address, sizeBytes, (data, error) => owner.Supplied(host, tag, serial, address, sizeBytes, error == Interop.Errno.None ? data.ToArray() : null)))
                return;
            owner._supplies.Enqueue(new Supply(host, tag, address, sizeBytes, null));
        }

        public void Interrupted(int guest, Bdf function, ulong address, uint data) => owner._guests[guest]?.Interrupted(function, address, data, owner._gate);

        /// <summary>It may not stay so for long, so that the run ends here, and the line is looked after.</summary>
        public void LineAsserted(int line)
        {
            owner._lines.Add((host, line));
            owner._engine.Stop();
        }
    }
}
