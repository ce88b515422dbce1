namespace PcieFabric.VfioUser.Interop;

/// <summary>An <c>eventfd</c>: writing to it wakes whoever waits for it, without another message. Never blocks.</summary>
public sealed unsafe class EventCounter : IDisposable
{
    private const string KindOfFile = "anon_inode:[eventfd]";

    private EventCounter(Descriptor descriptor) => Descriptor = descriptor;

    public Descriptor Descriptor { get; }

    /// <exception cref="IOException">The system has no more descriptors.</exception>
    public static EventCounter Create()
    {
        var descriptor = Libc.EventDescriptor(0, Libc.SocketCloseOnExec | Libc.NonBlocking);
        return descriptor.IsInvalid ? throw new IOException($"eventfd: {Libc.LastError}") : new EventCounter(descriptor);
    }

    /// <summary>
    /// One that somebody else made; null if it is something else. A full pipe in its place would block us, as would a counter at its end: hence
    /// the look at what it is, and that it is made non-blocking.
    /// </summary>
    public static EventCounter? From(Descriptor descriptor)
    {
        if (new FileInfo($"/proc/self/fd/{descriptor.DangerousGetHandle()}").LinkTarget != KindOfFile) return null;
        var flags = Libc.Control(descriptor, Libc.GetFlags, 0);
        return flags >= 0 && Libc.Control(descriptor, Libc.SetFlags, flags | Libc.NonBlocking) >= 0 ? new EventCounter(descriptor) : null;
    }

    /// <returns>False if the counter cannot count that far.</returns>
    public bool Signal(ulong times = 1) => Libc.Write(Descriptor, &times, sizeof(ulong)) == sizeof(ulong);

    /// <summary>How often it was signalled since last asked.</summary>
    public ulong Take()
    {
        ulong count;
        return Libc.Read(Descriptor, &count, sizeof(ulong)) == sizeof(ulong) ? count : 0;
    }

    /// <returns>False if the time is over first.</returns>
    public bool Wait(TimeSpan timeout) => Poll.One(Descriptor, Libc.PollIn, (int)timeout.TotalMilliseconds);

    public void Dispose() => Descriptor.Dispose();
}
