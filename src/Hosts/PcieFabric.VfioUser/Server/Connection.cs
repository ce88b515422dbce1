using System.Diagnostics;
using System.Runtime.InteropServices;
using PcieFabric.VfioUser.Devices;
using PcieFabric.VfioUser.Interop;
using PcieFabric.VfioUser.Protocol;

namespace PcieFabric.VfioUser.Server;

/// <summary>One client, from its first message to its last. A message is read, handled and replied to on one thread, which is what makes a register access short.</summary>
internal sealed class Connection : IVfioUserClient, IDisposable
{
    private readonly UnixSocket _socket;
    private readonly IVfioUserDevice _device;
    private readonly VfioUserOptions _options;
    private readonly VfioUserCounters _counters;
    private readonly byte[] _reply;
    private readonly FrameReader _reader;
    private readonly Outbox _outbox;
    private readonly InterruptTable _interrupts;
    private readonly List<Descriptor> _descriptors = [];
    private readonly long _pollTicks;
    private GuestMemory _memory = new(0);
    private DmaRequests? _dma;
    private bool _isAttached, _isBusy;

    /// <param name="received">Ours while we live, as is <paramref name="reply"/>.</param>
    public Connection(UnixSocket socket, IVfioUserDevice device, VfioUserOptions options, VfioUserCounters counters, byte[] received, byte[] reply)
    {
        (_socket, _device, _options, _counters, _reply) = (socket, device, options, counters, reply);
        _reader = new FrameReader(received, Receive);
        _outbox = new Outbox(socket, options.Patience);
        _interrupts = new InterruptTable(device);
        _pollTicks = (long)(options.Poll.TotalSeconds * Stopwatch.Frequency);
    }

    public IGuestMemory Memory => _memory;

    public bool DmaRead(ulong address, int lengthBytes, DmaReadCompletion completion) => _dma!.Read(address, lengthBytes, completion);

    public bool DmaWrite(ulong address, ReadOnlySpan<byte> data, DmaWriteCompletion? completion = null) => _dma!.Write(address, data, completion);

    public bool Trigger(InterruptIndex index, int vector) => _interrupts.Trigger(index, vector);

    /// <summary>Serves the client until it leaves.</summary>
    /// <returns>Why it ended; null if the client left between two messages.</returns>
    public string? Run()
    {
        try
        {
            if (Negotiate() is not { } session) return null;
            while (_reader.Next(out var header, out var payload, _descriptors))
            {
                if (!Serve(session, in header, payload)) return "it took no reply";
            }
            return null;
        }
        catch (ProtocolException error)
        {
            return error.Message;
        }
    }

    /// <summary>Ends <see cref="Run"/>, from any thread.</summary>
    public void ShutDown() => _socket.ShutDown();

    /// <summary>Takes back all that the client had, then tells the device.</summary>
    public void Dispose()
    {
        _socket.ShutDown();
        _outbox.Dispose();
        _dma?.Abandon();
        _memory.Clear();
        _interrupts.Dispose();
        _reader.Dispose();
        DropDescriptors();
        if (_isAttached) _device.Detached(this);
        _socket.Dispose();
        _counters.Left(_interrupts.Triggered);
    }

    private Session? Negotiate()
    {
        if (!_reader.Next(out var header, out var payload, _descriptors)) return null;
        if (!header.IsCommand || header.Command != Command.Version || _descriptors.Count > 0) throw new ProtocolException($"its first message was {header.Command}, not {Command.Version}");
        // Major and minor version, 16 bits each. The reply's major must be what was asked, so another than ours cannot be replied to.
        var offered = payload.Length >= 4 && MemoryMarshal.Read<ushort>(payload) == 0 ? Capabilities.Parse(payload[4..]) : null;
        if (offered is null)
        {
            Reply(in header, Errno.EINVAL);
            throw new ProtocolException("no version that we know, or capabilities that are none");
        }
        var agreed = offered.Accepted();
        _memory = new GuestMemory(agreed.MaxDmaMaps);
        _dma = new DmaRequests(_outbox, agreed.MaxTransferBytes, _counters);
        _isAttached = true;
        _device.Attached(this);
        _options.Log?.Invoke("attached");
        byte[] data = [0, 0, 0, 0, .. agreed.ToJson()];
        data.CopyTo(_reply, FrameHeader.Bytes);
        Reply(in header, Answer.Of(data.Length));
        return new Session(_device, _memory, _interrupts, agreed);
    }

    private bool Serve(Session session, in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        if (header.IsReply)
        {
            DropDescriptors();
            _dma!.Complete(in header, payload);
            return true;
        }
        if (!header.IsCommand) throw new ProtocolException($"a message of neither type, with flags 0x{header.Flags:x}");
        var answer = session.Handle(header.Command, payload, _descriptors, _reply.AsSpan(FrameHeader.Bytes));
        DropDescriptors();
        _counters.Count(header.Command, answer.Error != Errno.None);
        return header.WantsNoReply || Reply(in header, answer);
    }

    private bool Reply(in FrameHeader to, Answer answer)
    {
        var header = answer.Error == Errno.None ? FrameHeader.Replying(in to, answer.PayloadBytes) : FrameHeader.Failing(in to, answer.Error);
        MemoryMarshal.Write(_reply, in header);
        return _outbox.Send(_reply.AsSpan(0, (int)header.SizeBytes), answer.Descriptor);
    }

    private int Receive(Span<byte> into, List<Descriptor> descriptors)
    {
        if (_pollTicks == 0) return Wait(into, descriptors);
        var start = Stopwatch.GetTimestamp();
        // Who took long the last time is not worth looking for.
        while (_isBusy)
        {
            var found = _socket.Receive(into, descriptors, wait: false);
            if (found != -(int)Errno.EAGAIN) return found;
            _isBusy = Stopwatch.GetTimestamp() - start <= _pollTicks;
        }
        var received = Wait(into, descriptors);
        _isBusy = Stopwatch.GetTimestamp() - start <= _pollTicks;
        return received;
    }

    private int Wait(Span<byte> into, List<Descriptor> descriptors)
    {
        if (_interrupts.IsWatching) _interrupts.WatchUntilReadable(_socket.Descriptor);
        return _socket.Receive(into, descriptors, wait: true);
    }

    private void DropDescriptors()
    {
        if (_descriptors.Count == 0) return;
        foreach (var descriptor in _descriptors) descriptor.Dispose();
        _descriptors.Clear();
    }
}
