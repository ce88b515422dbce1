using System.Runtime.InteropServices;
using PcieFabric.VfioUser.Interop;

namespace PcieFabric.VfioUser.Protocol;

/// <summary>
/// Cuts a stream into messages. It takes what the socket has in one call, so that a short message costs one. Descriptors belong to the message that
/// the last byte of their call belongs to: Linux never joins bytes of two calls of the sender's behind the descriptors of the first.
/// </summary>
internal sealed class FrameReader : IDisposable
{
    private readonly byte[] _buffer;
    private readonly Receiver _receive;
    private readonly List<Descriptor> _received = [];
    private readonly Queue<(long LastByte, Descriptor Descriptor)> _waiting = new();
    private int _start, _end;
    private long _passed;

    /// <param name="buffer">Ours while we live. Its length bounds a message.</param>
    public FrameReader(byte[] buffer, Receiver receive) => (_buffer, _receive) = (buffer, receive);

    /// <summary>As <see cref="UnixSocket.Receive"/>: waits, and tells the number of bytes, 0 at the end, or minus an error.</summary>
    public delegate int Receiver(Span<byte> into, List<Descriptor> descriptors);

    /// <summary>The next message, whole. Its payload is valid until the next call; its descriptors are added to the list, whose owner disposes of them.</summary>
    /// <returns>False when the other side has left.</returns>
    /// <exception cref="ProtocolException">This is no stream of messages.</exception>
    public bool Next(out FrameHeader header, out ReadOnlySpan<byte> payload, List<Descriptor> descriptors)
    {
        while (true)
        {
            var there = _buffer.AsSpan(_start, _end - _start);
            if (there.Length >= FrameHeader.Bytes)
            {
                header = MemoryMarshal.Read<FrameHeader>(there);
                if (header.SizeBytes < FrameHeader.Bytes) throw new ProtocolException($"a message of {header.SizeBytes} bytes, less than its header");
                if (header.SizeBytes > (uint)_buffer.Length) throw new ProtocolException($"a message of {header.SizeBytes} bytes, more than {_buffer.Length}");
                if (there.Length >= header.SizeBytes)
                {
                    payload = there[FrameHeader.Bytes..(int)header.SizeBytes];
                    _start += (int)header.SizeBytes;
                    while (_waiting.TryPeek(out var next) && next.LastByte < _passed + _start) descriptors.Add(_waiting.Dequeue().Descriptor);
                    return true;
                }
            }
            if (!Fill())
            {
                header = default;
                payload = default;
                return false;
            }
        }
    }

    public void Dispose()
    {
        while (_waiting.TryDequeue(out var next)) next.Descriptor.Dispose();
    }

    private bool Fill()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _passed += _start;
            (_start, _end) = (0, _end - _start);
        }
        var received = _receive(_buffer.AsSpan(_end), _received);
        if (received > 0) _end += received;
        foreach (var descriptor in _received) _waiting.Enqueue((_passed + _end - 1, descriptor));
        _received.Clear();
        if (received == -(int)Errno.EPROTO || _waiting.Count > 2 * Limits.VfioUserMessageDescriptors)
            throw new ProtocolException($"more than {Limits.VfioUserMessageDescriptors} descriptors with a message");
        return received > 0;
    }
}
