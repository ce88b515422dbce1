using PcieFabric.VfioUser.Interop;

namespace PcieFabric.VfioUser.Server;

/// <summary>
/// What goes to one client, in order, from any thread. Nobody waits for the client but the thread that serves it: what its socket does not take at once
/// is kept, within <see cref="Limits.VfioUserQueueBytes"/>, and sent by a thread that exists only where that ever happened. A client that takes nothing
/// for a while is cut off.
/// </summary>
internal sealed class Outbox : IDisposable
{
    private readonly object _gate = new();
    private readonly UnixSocket _socket;
    private readonly TimeSpan _patience;
    private byte[] _waiting = [];
    private int _start, _end;
    private bool _closed;
    private Thread? _sender;

    public Outbox(UnixSocket socket, TimeSpan patience) => (_socket, _patience) = (socket, patience);

    /// <summary>Sends without waiting.</summary>
    /// <returns>False, and nothing sent, if too much waits already or the client has left.</returns>
    public bool TrySend(ReadOnlySpan<byte> head, ReadOnlySpan<byte> data)
    {
        lock (_gate)
        {
            if (_closed || _end - _start + head.Length + data.Length > Limits.VfioUserQueueBytes) return false;
            var sent = 0;
            if (_start == _end && (sent = _socket.Send(head, data)) < 0)
            {
                _closed = sent != -(int)Errno.EAGAIN;
                if (_closed) return false;
                sent = 0;
            }
            Keep(head[Math.Min(sent, head.Length)..], data[Math.Max(0, sent - head.Length)..]);
            return true;
        }
    }

    /// <summary>Sends on the thread that serves the client, which may wait for it.</summary>
    /// <param name="descriptor">Goes along; not taken.</param>
    /// <returns>False if the client takes nothing for too long, or has left.</returns>
    public bool Send(ReadOnlySpan<byte> frame, Descriptor? descriptor)
    {
        while (descriptor is null ? !TrySend(frame, default) : !TrySendWith(frame, descriptor))
        {
            lock (_gate)
            {
                if (_closed) return false;
                if (_start != _end && !Monitor.Wait(_gate, _patience)) return false;
            }
            if (!_socket.WaitUntilWritable(_patience)) return false;
        }
        return true;
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _closed = true;
            Monitor.PulseAll(_gate);
        }
        _sender?.Join();
    }

    /// <summary>Descriptors belong to the first byte of a frame, so these frames do not queue.</summary>
    private bool TrySendWith(ReadOnlySpan<byte> frame, Descriptor descriptor)
    {
        lock (_gate)
        {
            if (_closed || _start != _end) return false;
            var sent = _socket.Send(frame, default, [descriptor]);
            if (sent < 0)
            {
                _closed = sent != -(int)Errno.EAGAIN;
                return false;
            }
            Keep(frame[sent..], default);
            return true;
        }
    }

    private void Keep(ReadOnlySpan<byte> head, ReadOnlySpan<byte> data)
    {
        var length = head.Length + data.Length;
        if (length == 0) return;
        if (_end + length > _waiting.Length)
        {
            var room = _end - _start + length <= _waiting.Length ? _waiting : new byte[Math.Max(2 * _waiting.Length, _end - _start + length)];
            _waiting.AsSpan(_start, _end - _start).CopyTo(room);
            (_waiting, _start, _end) = (room, 0, _end - _start);
        }
        head.CopyTo(_waiting.AsSpan(_end));
        data.CopyTo(_waiting.AsSpan(_end + head.Length));
        _end += length;
        if (_sender is null)
        {
            _sender = new Thread(SendWaiting) { IsBackground = true, Name = "vfio-user sender" };
            _sender.Start();
        }
        Monitor.PulseAll(_gate);
    }

    private void SendWaiting()
    {
        while (true)
        {
            lock (_gate)
            {
                while (_start == _end && !_closed) Monitor.Wait(_gate);
                if (_closed) return;
            }
            var writable = _socket.WaitUntilWritable(_patience);
            lock (_gate)
            {
                var sent = writable && !_closed ? _socket.Send(_waiting.AsSpan(_start, _end - _start)) : -(int)Errno.ETIMEDOUT;
                if (sent > 0) _start += sent;
                else if (sent != -(int)Errno.EAGAIN)
                {
                    // Wakes the thread that serves the client, which does the rest.
                    _closed = true;
                    _socket.ShutDown();
                }
                if (_start == _end) (_start, _end) = (0, 0);
                Monitor.PulseAll(_gate);
            }
        }
    }
}
