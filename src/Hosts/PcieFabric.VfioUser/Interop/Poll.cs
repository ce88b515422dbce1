namespace PcieFabric.VfioUser.Interop;

/// <summary>Waits for descriptors.</summary>
internal static unsafe class Poll
{
    /// <param name="timeoutMs">-1 for no end.</param>
    public static bool One(Descriptor descriptor, short events, int timeoutMs)
    {
        var one = new Libc.PollDescriptor { Number = (int)descriptor.DangerousGetHandle(), Events = events };
        int ready;
        while ((ready = Libc.Poll(&one, 1, timeoutMs)) < 0 && Libc.LastError == Errno.EINTR) { }
        return ready > 0;
    }

    /// <summary>Until one of them can be read; null ones never can.</summary>
    /// <returns>For each, whether it can.</returns>
    public static (bool First, bool Second, bool Third) AnyReadable(Descriptor first, Descriptor? second, Descriptor? third)
    {
        var all = stackalloc Libc.PollDescriptor[3];
        all[0] = Readable(first);
        all[1] = Readable(second);
        all[2] = Readable(third);
        while (Libc.Poll(all, 3, -1) < 0 && Libc.LastError == Errno.EINTR) { }
        return (all[0].Returned != 0, all[1].Returned != 0, all[2].Returned != 0);
    }

    private static Libc.PollDescriptor Readable(Descriptor? descriptor) =>
        new() { Number = descriptor is null ? -1 : (int)descriptor.DangerousGetHandle(), Events = Libc.PollIn };
}
