using PcieFabric.VfioUser.Devices;
using PcieFabric.VfioUser.Interop;
using PcieFabric.VfioUser.Protocol;

namespace PcieFabric.VfioUser.Server;

/// <summary>
/// Which vectors a client listens for, by event counter, and the counters by which it masks INTx without a message (a hypervisor in the kernel does).
/// Triggering is thread-safe; nothing else is called with the lock held.
/// </summary>
internal sealed class InterruptTable : IDisposable
{
    private readonly Lock _gate = new();
    private readonly IVfioUserDevice _device;
    private readonly EventCounter?[][] _events;
    private EventCounter? _mask, _unmask;
    private long _triggered;

    public InterruptTable(IVfioUserDevice device)
    {
        _device = device;
        _events = [.. Enumerable.Range(0, DeviceDescription.InterruptCount).Select(index => new EventCounter?[device.Description.Vectors((InterruptIndex)index)])];
    }

    public long Triggered => Interlocked.Read(ref _triggered);

    public bool IsWatching => _mask is not null || _unmask is not null;

    public bool Trigger(InterruptIndex index, int vector)
    {
        lock (_gate)
        {
            var events = _events[(int)index];
            if ((uint)vector >= (uint)events.Length || events[vector] is not { } listener) return false;
            _triggered++;
            return listener.Signal();
        }
    }

    /// <param name="data">Behind the fixed part.</param>
    /// <param name="descriptors">Those that are used are taken from it.</param>
    public Errno Set(in IrqSetPayload asked, ReadOnlySpan<byte> data, List<Descriptor> descriptors)
    {
        var error = Check(in asked, data, descriptors.Count);
        if (error != Errno.None) return error;
        var (index, start, count) = ((InterruptIndex)asked.Index, (int)asked.Start, (int)asked.Count);
        if (count == 0)
        {
            DisableAll(index);
            return Errno.None;
        }
        switch (asked.Flags & IrqSetFlags.Data, asked.Flags & IrqSetFlags.Action)
        {
            case (IrqSetFlags.DataEvent, IrqSetFlags.Trigger):
                return Listen(index, start, count, descriptors);
            case (IrqSetFlags.DataEvent, var action):
                return Watch(action, descriptors);
            case (IrqSetFlags.DataNone, var action):
                Act(index, action, start, count);
                return Errno.None;
            case (_, var action):
                for (var i = 0; i < count; i++)
                    if (data[i] != 0)
                        Act(index, action, start + i, 1);
                return Errno.None;
        }
    }

    /// <summary>Waits until the socket has something to read; tells the device meanwhile what the client masks by its counters.</summary>
    public void WatchUntilReadable(Descriptor socket)
    {
        while (true)
        {
            var (readable, masked, unmasked) = Poll.AnyReadable(socket, _mask?.Descriptor, _unmask?.Descriptor);
            if (masked && _mask!.Take() > 0) _device.InterruptsChanged(InterruptIndex.Intx, InterruptChange.Masked, 0, 1);
            if (unmasked && _unmask!.Take() > 0) _device.InterruptsChanged(InterruptIndex.Intx, InterruptChange.Unmasked, 0, 1);
            if (readable) return;
        }
    }

    /// <summary>Nobody listens any more. The device is not told: its client has left.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var events in _events)
            {
                foreach (var listener in events) listener?.Dispose();
                Array.Clear(events);
            }
        }
        StopWatching();
    }

    private Errno Check(in IrqSetPayload asked, ReadOnlySpan<byte> data, int descriptors)
    {
        if (asked.Index >= DeviceDescription.InterruptCount) return Errno.EINVAL;
        var type = asked.Flags & IrqSetFlags.Data;
        var action = asked.Flags & IrqSetFlags.Action;
        if ((asked.Flags & ~(IrqSetFlags.Data | IrqSetFlags.Action)) != 0
            || type is not (IrqSetFlags.DataNone or IrqSetFlags.DataBool or IrqSetFlags.DataEvent)
            || action is not (IrqSetFlags.Mask or IrqSetFlags.Unmask or IrqSetFlags.Trigger))
            return Errno.EINVAL;
        if (asked.Start + (ulong)asked.Count > (ulong)_events[asked.Index].Length) return Errno.EINVAL;
        if (descriptors > 0 && (type != IrqSetFlags.DataEvent || descriptors != asked.Count)) return Errno.EINVAL;
        if (data.Length != (type == IrqSetFlags.DataBool ? (int)asked.Count : 0)) return Errno.EINVAL;
        if (asked.Count == 0) return (type, action) == (IrqSetFlags.DataNone, IrqSetFlags.Trigger) ? Errno.None : Errno.EINVAL;
        // MSI and MSI-X are masked in the function's own registers; what remains has nothing to mask (drivers/vfio/pci/vfio_pci_intrs.c).
        return action != IrqSetFlags.Trigger && asked.Index != (uint)InterruptIndex.Intx ? Errno.ENOTTY : Errno.None;
    }

    private Errno Listen(InterruptIndex index, int start, int count, List<Descriptor> descriptors)
    {
        var listeners = new EventCounter?[count];
        for (var i = 0; i < descriptors.Count; i++)
            if ((listeners[i] = EventCounter.From(descriptors[i])) is null)
                return Errno.EINVAL;
        var enabled = descriptors.Count > 0;
        descriptors.Clear();
        lock (_gate)
        {
            var events = _events[(int)index];
            for (var i = 0; i < count; i++)
            {
                events[start + i]?.Dispose();
                events[start + i] = listeners[i];
            }
        }
        if (index == InterruptIndex.Intx && !enabled) StopWatching();
        _device.InterruptsChanged(index, enabled ? InterruptChange.Enabled : InterruptChange.Disabled, start, count);
        return Errno.None;
    }

    private Errno Watch(IrqSetFlags action, List<Descriptor> descriptors)
    {
        EventCounter? watched = null;
        if (descriptors.Count > 0)
        {
            watched = EventCounter.From(descriptors[0]);
            if (watched is null) return Errno.EINVAL;
            descriptors.Clear();
        }
        ref var place = ref action == IrqSetFlags.Mask ? ref _mask : ref _unmask;
        place?.Dispose();
        place = watched;
        return Errno.None;
    }

    private void Act(InterruptIndex index, IrqSetFlags action, int start, int count)
    {
        if (action != IrqSetFlags.Trigger)
        {
            _device.InterruptsChanged(index, action == IrqSetFlags.Mask ? InterruptChange.Masked : InterruptChange.Unmasked, start, count);
            return;
        }
        for (var i = 0; i < count; i++) Trigger(index, start + i);
    }

    private void DisableAll(InterruptIndex index)
    {
        var events = _events[(int)index];
        lock (_gate)
        {
            foreach (var listener in events) listener?.Dispose();
            Array.Clear(events);
        }
        if (index == InterruptIndex.Intx) StopWatching();
        _device.InterruptsChanged(index, InterruptChange.Disabled, 0, events.Length);
    }

    private void StopWatching()
    {
        _mask?.Dispose();
        _unmask?.Dispose();
        _mask = _unmask = null;
    }
}
