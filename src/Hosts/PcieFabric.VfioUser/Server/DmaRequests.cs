using System.Runtime.InteropServices;
using PcieFabric.VfioUser.Devices;
using PcieFabric.VfioUser.Interop;
using PcieFabric.VfioUser.Protocol;

namespace PcieFabric.VfioUser.Server;

/// <summary>DMA that a client does for us, in pieces that it can take. Its replies come whenever it likes, in any order. Thread-safe.</summary>
internal sealed class DmaRequests
{
    private readonly Lock _gate = new();
    private readonly Outbox _outbox;
    private readonly int _pieceBytes;
    private readonly VfioUserCounters _counters;
    private readonly Piece[] _pieces = new Piece[Limits.VfioUserDmaRequests];
    private readonly ushort[] _free = new ushort[Limits.VfioUserDmaRequests];
    private int _freeCount;
    private bool _closed;

    public DmaRequests(Outbox outbox, int pieceBytes, VfioUserCounters counters)
    {
        (_outbox, _pieceBytes, _counters) = (outbox, pieceBytes, counters);
        for (var id = _free.Length - 1; id >= 0; id--) _free[_freeCount++] = (ushort)id;
    }

    public bool Read(ulong address, int length, DmaReadCompletion completion) => Start(new Transfer(address, length, completion, null), default);

    public bool Write(ulong address, ReadOnlySpan<byte> data, DmaWriteCompletion? completion) => Start(new Transfer(address, data.Length, null, completion), data);

    /// <summary>Takes a reply, on the thread that serves the client.</summary>
    /// <exception cref="ProtocolException">To nothing that we asked.</exception>
    public void Complete(in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        Piece piece;
        lock (_gate)
        {
            piece = header.Id < _pieces.Length ? _pieces[header.Id] : default;
            if (piece.Transfer is null || header.Command != piece.Transfer.Command) throw new ProtocolException($"a reply to {header.Command} {header.Id}, which nobody asked");
            Release(header.Id);
        }
        var error = header.IsError ? header.Error == Errno.None ? Errno.EIO : header.Error : Check(in piece, payload);
        Finish(piece.Transfer, piece.Offset, error == Errno.None ? payload[DmaAccessPayload.Bytes..] : default, error);
    }

    /// <summary>The client has left: no answer comes any more.</summary>
    public void Abandon()
    {
        for (var id = 0; id < _pieces.Length; id++)
        {
            Piece piece;
            lock (_gate)
            {
                _closed = true;
                piece = _pieces[id];
                if (piece.Transfer is null) continue;
                Release((ushort)id);
            }
            Finish(piece.Transfer, piece.Offset, default, Errno.ENODEV);
        }
    }

    private bool Start(Transfer transfer, ReadOnlySpan<byte> data)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(transfer.Length);
        if (transfer.Address + (ulong)transfer.Length - 1 < transfer.Address) throw new ArgumentException($"Invariant: DMA of {transfer.Length} bytes at 0x{transfer.Address:x} wraps");
        var pieces = (transfer.Length + _pieceBytes - 1) / _pieceBytes;
        if (pieces > 1) transfer.Gather();
        transfer.Left = pieces;
        Span<byte> head = stackalloc byte[FrameHeader.Bytes + DmaAccessPayload.Bytes];
        lock (_gate)
        {
            if (_closed || pieces > _freeCount) return false;
            for (var offset = 0; offset < transfer.Length; offset += _pieceBytes)
            {
                var count = Math.Min(_pieceBytes, transfer.Length - offset);
                var part = data.IsEmpty ? data : data.Slice(offset, count);
                var id = _free[--_freeCount];
                _pieces[id] = new Piece(transfer, offset, count);
                var header = FrameHeader.Asking(id, transfer.Command, DmaAccessPayload.Bytes + part.Length);
                var access = new DmaAccessPayload(transfer.Address + (ulong)offset, (ulong)count);
                MemoryMarshal.Write(head, in header);
                MemoryMarshal.Write(head[FrameHeader.Bytes..], in access);
                if (_outbox.TrySend(head, part)) continue;
                Release(id);
                // What has been asked will be answered; the transfer then fails as a whole.
                var unsent = pieces - offset / _pieceBytes;
                if (unsent == pieces) return false;
                transfer.Left -= unsent;
                transfer.Error = Errno.ENOBUFS;
                return true;
            }
        }
        return true;
    }

    private void Release(ushort id)
    {
        _pieces[id] = default;
        _free[_freeCount++] = id;
    }

    private static Errno Check(in Piece piece, ReadOnlySpan<byte> payload)
    {
        if (payload.Length < DmaAccessPayload.Bytes) return Errno.EINVAL;
        var access = MemoryMarshal.Read<DmaAccessPayload>(payload);
        var data = piece.Transfer!.Command == Command.DmaRead ? piece.Count : 0;
        return access == new DmaAccessPayload(piece.Transfer.Address + (ulong)piece.Offset, (ulong)piece.Count) && payload.Length == DmaAccessPayload.Bytes + data
            ? Errno.None
            : Errno.EINVAL;
    }

    private void Finish(Transfer transfer, int offset, ReadOnlySpan<byte> data, Errno error)
    {
        bool isLast;
        lock (_gate)
        {
            if (error != Errno.None && transfer.Error == Errno.None) transfer.Error = error;
            isLast = --transfer.Left == 0;
        }
        if (transfer.Gathered is { } gathered)
        {
            data.CopyTo(gathered.AsSpan(offset));
            data = gathered;
        }
        if (!isLast) return;
        if (transfer.Error != Errno.None) _counters.DmaFailed();
        transfer.Read?.Invoke(transfer.Error == Errno.None ? data : default, transfer.Error);
        transfer.Written?.Invoke(transfer.Error);
    }

    private readonly record struct Piece(Transfer? Transfer, int Offset, int Count);

    private sealed class Transfer(ulong address, int length, DmaReadCompletion? read, DmaWriteCompletion? written)
    {
        public ulong Address => address;

        public int Length => length;

        public DmaReadCompletion? Read => read;

        public DmaWriteCompletion? Written => written;

        public Command Command => read is null ? Command.DmaWrite : Command.DmaRead;

        public int Left { get; set; }

        public Errno Error { get; set; }

        /// <summary>What pieces of a read brought so far.</summary>
        public byte[]? Gathered { get; private set; }

        public void Gather() => Gathered = read is null ? null : new byte[length];
    }
}
