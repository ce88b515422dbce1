using PcieFabric.Engine;

namespace PcieFabric.LocalDevices;

/// <summary>
/// Where the devices beside an endpoint controller stand in its local address space: each has a slot of its own, above all local memory and below all
/// outbound windows, so that finding one is a shift.
/// </summary>
public sealed class LocalBus
{
    public const ulong Base = 1ul << 40;

    /// <summary>What each device has of the address space.</summary>
    public const ulong SlotBytes = 1 << 20;

    private readonly List<ActorRef> _devices = [];

    public static ulong AddressOf(int device) => Base + (ulong)device * SlotBytes;

    /// <returns>The device's number, which gives its <see cref="AddressOf">address</see>.</returns>
    public int Connect(ActorRef device)
    {
        if (_devices.Count == Limits.MaxLocalDevices) throw new InvalidOperationException($"Invariant: a local bus has {Limits.MaxLocalDevices} devices at most");
        _devices.Add(device);
        return _devices.Count - 1;
    }

    /// <summary>All that see the memory of the endpoint without asking, beside processors.</summary>
    internal IReadOnlyList<ActorRef> Devices => _devices;

    /// <summary>A device stands at the address, and its slot reaches as far.</summary>
    public bool Contains(ulong address, ulong sizeBytes) => TryFind(address, sizeBytes, out _, out _);

    /// <param name="offset">In the device's slot.</param>
    public bool TryFind(ulong address, ulong sizeBytes, out ActorRef? device, out uint offset)
    {
        var index = (address - Base) / SlotBytes;
        offset = (uint)(address & (SlotBytes - 1));
        var isThere = address >= Base && index < (ulong)_devices.Count && sizeBytes <= SlotBytes - offset;
        device = isThere ? _devices[(int)index] : null;
        return isThere;
    }
}
