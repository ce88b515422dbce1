using System.Runtime.InteropServices;
using PcieFabric.VfioUser.Devices;
using PcieFabric.VfioUser.Interop;
using PcieFabric.VfioUser.Protocol;

namespace PcieFabric.VfioUser.Client;

/// <summary>Does the DMA that a server asks its client for: fills or takes <paramref name="data"/>.</summary>
public delegate Errno DmaServant(ulong address, Span<byte> data, bool isWrite);

/// <summary>The other end of the protocol: what a virtual machine monitor does, for measurements and tests. Not thread-safe.</summary>
public sealed class VfioUserClient : IDisposable
{
    private const int AccessBytes = 16;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly UnixSocket _socket;
    private readonly FrameReader _reader;
    private readonly List<Descriptor> _descriptors = [];
    private readonly byte[] _frame = GC.AllocateUninitializedArray<byte>(Limits.VfioUserFrameBytes);
    private ushort _lastId;

    private VfioUserClient(UnixSocket socket, bool poll)
    {
        _socket = socket;
        _reader = new FrameReader(GC.AllocateUninitializedArray<byte>(Limits.VfioUserFrameBytes), (into, descriptors) =>
        {
            var received = socket.Receive(into, descriptors, wait: !poll);
            while (received == -(int)Errno.EAGAIN) received = socket.Receive(into, descriptors, wait: false);
            return received;
        });
    }

    /// <summary>What the server accepted of what was offered.</summary>
    public Capabilities Agreed { get; private set; } = new();

    /// <summary>Serves the server's DMA while we wait for a reply; without it, DMA fails with EFAULT.</summary>
    public DmaServant? Dma { get; set; }

    /// <summary>Descriptors that came with the last reply; the caller's.</summary>
    public IReadOnlyList<Descriptor> Received { get; private set; } = [];

    /// <exception cref="IOException">Nobody serves this socket.</exception>
    public static VfioUserClient Connect(string path, bool poll = false)
    {
        var socket = UnixSocket.Create();
        var error = socket.Connect(path);
        if (error == Errno.None) return new VfioUserClient(socket, poll);
        socket.Dispose();
        throw new IOException($"{path}: {error}");
    }

    /// <summary>Agrees on version 0.0 and capabilities, which must come first.</summary>
    public Errno Negotiate(Capabilities? offered = null)
    {
        byte[] data = [0, 0, 0, 0, .. (offered ?? Capabilities.Ours).ToJson(all: true)];
        var error = Request(Command.Version, data, out var reply);
        if (error == Errno.None) Agreed = Capabilities.Parse(reply[4..]) ?? throw new ProtocolException("the server's capabilities are none");
        return error;
    }

    public Errno Read(RegionIndex region, ulong offset, Span<byte> into)
    {
        var error = Request(Command.RegionRead, Bytes(new RegionAccessPayload(offset, (uint)region, (uint)into.Length)), out var reply);
        if (error == Errno.None) reply[AccessBytes..].CopyTo(into);
        return error;
    }

    public Errno Write(RegionIndex region, ulong offset, ReadOnlySpan<byte> data, bool noReply = false)
    {
        var access = new RegionAccessPayload(offset, (uint)region, (uint)data.Length);
        var payload = _frame.AsSpan(FrameHeader.Bytes, AccessBytes + data.Length);
        MemoryMarshal.Write(payload, in access);
        data.CopyTo(payload[AccessBytes..]);
        if (!noReply) return Request(Command.RegionWrite, payload, out _);
        Send(FrameHeader.Asking(++_lastId, Command.RegionWrite, payload.Length, noReply: true), payload);
        return Errno.None;
    }

    /// <param name="file">Of the memory, to share it; null to serve it by <see cref="Dma"/>.</param>
    public Errno Map(ulong address, ulong sizeBytes, Descriptor? file, ulong fileOffset = 0, DmaMapFlags flags = DmaMapFlags.Readable | DmaMapFlags.Writable) =>
        Request(Command.DmaMap, Bytes(new DmaMapPayload(32, flags, fileOffset, address, sizeBytes)), out _, file is null ? [] : [file]);

    public Errno Unmap(ulong address, ulong sizeBytes, uint flags = 0) => Request(Command.DmaUnmap, Bytes(new DmaUnmapPayload(24, flags, address, sizeBytes)), out _);

    /// <summary>Has vectors signal these counters; none of them to hear of the vectors no more.</summary>
    public Errno Listen(InterruptIndex index, int start, int count, params ReadOnlySpan<EventCounter> events)
    {
        var descriptors = new Descriptor[events.Length];
        for (var i = 0; i < events.Length; i++) descriptors[i] = events[i].Descriptor;
        return Request(Command.DeviceSetIrqs, Bytes(new IrqSetPayload(20, IrqSetFlags.DataEvent | IrqSetFlags.Trigger, (uint)index, (uint)start, (uint)count)), out _, descriptors);
    }

    /// <summary>Asks, serves DMA meanwhile, and waits for the reply.</summary>
    /// <param name="reply">Its payload, valid until the next call.</param>
    /// <exception cref="IOException">The server has left.</exception>
    public Errno Request(Command command, ReadOnlySpan<byte> payload, out ReadOnlySpan<byte> reply, params ReadOnlySpan<Descriptor> descriptors)
    {
        var id = ++_lastId;
        Send(FrameHeader.Asking(id, command, payload.Length), payload, descriptors);
        while (true)
        {
            if (!_reader.Next(out var header, out reply, _descriptors)) throw new IOException("the server has left");
            if (header.IsCommand)
            {
                Serve(in header, reply);
                continue;
            }
            if (header.Id != id || header.Command != command) throw new ProtocolException($"a reply to {header.Command} {header.Id} came for {command} {id}");
            if (_descriptors.Count > 0) Received = [.. _descriptors];
            _descriptors.Clear();
            return header.IsError ? header.Error : Errno.None;
        }
    }

    /// <summary>Sends bytes as they are, right or wrong.</summary>
    /// <returns>False if the server does not take them.</returns>
    public bool SendRaw(ReadOnlySpan<byte> bytes, params ReadOnlySpan<Descriptor> descriptors)
    {
        while (!bytes.IsEmpty)
        {
            var sent = _socket.Send(bytes, default, descriptors);
            if (sent == -(int)Errno.EAGAIN && _socket.WaitUntilWritable(Patience)) continue;
            if (sent < 0) return false;
            bytes = bytes[sent..];
            descriptors = [];
        }
        return true;
    }

    /// <summary>Says no more. Replies still come, until the server has handled all and leaves.</summary>
    public void FinishSending() => _socket.FinishSending();

    /// <summary>Takes the next message.</summary>
    /// <param name="serveDma">That it asks for; else the caller replies.</param>
    /// <returns>False when the server has left.</returns>
    public bool TryReceive(out FrameHeader header, out ReadOnlySpan<byte> payload, bool serveDma = true)
    {
        if (!_reader.Next(out header, out payload, _descriptors)) return false;
        if (header.IsCommand && serveDma) Serve(in header, payload);
        return true;
    }

    public void Dispose()
    {
        _reader.Dispose();
        _socket.Dispose();
    }

    private void Serve(in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        var isWrite = header.Command == Command.DmaWrite;
        var access = MemoryMarshal.Read<DmaAccessPayload>(payload);
        var answer = new byte[AccessBytes + (isWrite ? 0 : (int)access.Count)];
        var error = Dma?.Invoke(access.Address, isWrite ? payload[AccessBytes..].ToArray() : answer.AsSpan(AccessBytes), isWrite) ?? Errno.EFAULT;
        MemoryMarshal.Write(answer, in access);
        if (error == Errno.None) Send(FrameHeader.Replying(in header, answer.Length), answer);
        else Send(FrameHeader.Failing(in header, error), default);
    }

    private void Send(FrameHeader header, ReadOnlySpan<byte> payload, params ReadOnlySpan<Descriptor> descriptors)
    {
        payload.CopyTo(_frame.AsSpan(FrameHeader.Bytes));
        MemoryMarshal.Write(_frame, in header);
        if (!SendRaw(_frame.AsSpan(0, (int)header.SizeBytes), descriptors)) throw new IOException("the server takes nothing any more");
    }

    private static byte[] Bytes<T>(T payload)
        where T : unmanaged => MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in payload)).ToArray();
}
