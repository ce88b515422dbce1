using System.Text;

namespace PcieFabric.VfioUser.Interop;

/// <summary>A stream socket of the local machine that carries file descriptors beside its bytes. Send and receive may be called from different threads.</summary>
internal sealed unsafe class UnixSocket : IDisposable
{
    /// <summary>Bytes of a path that fit <c>struct sockaddr_un</c>, its terminator included.</summary>
    public const int MaxPathBytes = 108;

    private const int ControlBytes = 16 + 4 * Limits.VfioUserMessageDescriptors;

    public UnixSocket(Descriptor descriptor) => Descriptor = descriptor;

    public Descriptor Descriptor { get; }

    public static UnixSocket Create()
    {
        var descriptor = Libc.Socket(Libc.AddressFamilyUnix, Libc.StreamSocket | Libc.SocketCloseOnExec, 0);
        return descriptor.IsInvalid ? throw new IOException($"socket: {Libc.LastError}") : new UnixSocket(descriptor);
    }

    public Errno Connect(string path)
    {
        var address = Address(path);
        return Libc.Connect(Descriptor, address, (uint)address.Length) == 0 ? Errno.None : Libc.LastError;
    }

    public Errno Bind(string path)
    {
        var address = Address(path);
        return Libc.Bind(Descriptor, address, (uint)address.Length) == 0 ? Errno.None : Libc.LastError;
    }

    public Errno Listen(int backlog) => Libc.Listen(Descriptor, backlog) == 0 ? Errno.None : Libc.LastError;

    /// <summary>Blocks for the next client; null once <see cref="ShutDown"/> was called.</summary>
    public UnixSocket? Accept()
    {
        while (true)
        {
            var client = Libc.Accept(Descriptor, 0, 0, Libc.SocketCloseOnExec);
            if (!client.IsInvalid) return new UnixSocket(client);
            var error = Libc.LastError;
            client.Dispose();
            if (error == Errno.EINVAL) return null;
            // Every other error is the client's, who has left already, or a shortage that passes.
            if (error is not (Errno.EINTR or Errno.ECONNABORTED)) Thread.Sleep(1);
        }
    }

    /// <summary>Wakes whoever waits on this socket, on this side and on the other.</summary>
    public void ShutDown()
    {
        if (!Descriptor.IsClosed) _ = Libc.ShutDown(Descriptor, Libc.ShutDownBoth);
    }

    /// <summary>The other side reads the end; what it sends still comes.</summary>
    public void FinishSending() => _ = Libc.ShutDown(Descriptor, Libc.ShutDownSending);

    /// <summary>As many bytes as there are, at least one.</summary>
    /// <param name="descriptors">Gets those that came along, and is whose to dispose of them.</param>
    /// <returns>Bytes received; 0 when the other side has left; minus an <see cref="Errno"/>: EAGAIN if nothing is there, EPROTO if more descriptors came than a message may have.</returns>
    public int Receive(Span<byte> into, List<Descriptor> descriptors, bool wait)
    {
        var control = stackalloc byte[ControlBytes];
        fixed (byte* bytes = into)
        {
            var piece = new Libc.Piece { Base = bytes, Length = (nuint)into.Length };
            var message = new Libc.MessageHeader { Pieces = &piece, PieceCount = 1, Control = control, ControlLength = ControlBytes };
            nint received;
            while ((received = Libc.ReceiveMessage(Descriptor, &message, Libc.CloseDescriptorsOnExec | (wait ? 0 : Libc.DontWait))) < 0)
            {
                var error = Libc.LastError;
                if (error != Errno.EINTR) return -(int)error;
            }
            if (message.ControlLength >= (nuint)sizeof(Libc.ControlHeader)) Take(control, descriptors);
            return (message.Flags & Libc.ControlTruncated) != 0 ? -(int)Errno.EPROTO : (int)received;
        }
    }

    /// <summary>Sends what fits without waiting, both pieces as one; descriptors go with the first byte.</summary>
    /// <returns>Bytes sent, or minus an <see cref="Errno"/>: EAGAIN if none fits.</returns>
    public int Send(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second = default, ReadOnlySpan<Descriptor> descriptors = default)
    {
        var control = stackalloc byte[ControlBytes];
        var pieces = stackalloc Libc.Piece[2];
        fixed (byte* start = first, rest = second)
        {
            pieces[0] = new Libc.Piece { Base = start, Length = (nuint)first.Length };
            pieces[1] = new Libc.Piece { Base = rest, Length = (nuint)second.Length };
            var message = new Libc.MessageHeader { Pieces = pieces, PieceCount = second.IsEmpty ? 1u : 2u };
            if (!descriptors.IsEmpty) Put(descriptors, control, ref message);
            while (true)
            {
                var sent = Libc.SendMessage(Descriptor, &message, Libc.NoSignal | Libc.DontWait);
                if (sent >= 0) return (int)sent;
                var error = Libc.LastError;
                if (error != Errno.EINTR) return -(int)error;
            }
        }
    }

    /// <summary>False if the time is over first; true also when the other side has left, which the next call then tells.</summary>
    public bool WaitUntilWritable(TimeSpan timeout) => Poll.One(Descriptor, Libc.PollOut, (int)timeout.TotalMilliseconds);

    public void Dispose() => Descriptor.Dispose();

    private static void Take(byte* control, List<Descriptor> descriptors)
    {
        var header = (Libc.ControlHeader*)control;
        if (header->Level != Libc.SocketLevel || header->Type != Libc.RightsMessage) return;
        var numbers = (int*)(header + 1);
        for (var i = 0; i < ((int)header->Length - sizeof(Libc.ControlHeader)) / sizeof(int); i++) descriptors.Add(new Descriptor(numbers[i]));
    }

    private static void Put(ReadOnlySpan<Descriptor> descriptors, byte* control, ref Libc.MessageHeader message)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(descriptors.Length, Limits.VfioUserMessageDescriptors);
        var header = (Libc.ControlHeader*)control;
        *header = new Libc.ControlHeader { Length = (nuint)(sizeof(Libc.ControlHeader) + 4 * descriptors.Length), Level = Libc.SocketLevel, Type = Libc.RightsMessage };
        for (var i = 0; i < descriptors.Length; i++) ((int*)(header + 1))[i] = (int)descriptors[i].DangerousGetHandle();
        message.Control = control;
        message.ControlLength = (header->Length + 7) & ~(nuint)7;
    }

    private static byte[] Address(string path)
    {
        var name = Encoding.UTF8.GetBytes(path);
        if (name.Length >= MaxPathBytes) throw new ArgumentException($"'{path}' has more than {MaxPathBytes - 1} bytes", nameof(path));
        var address = new byte[2 + MaxPathBytes];
        BitConverter.TryWriteBytes(address, (ushort)Libc.AddressFamilyUnix);
        name.CopyTo(address, 2);
        return address;
    }
}
