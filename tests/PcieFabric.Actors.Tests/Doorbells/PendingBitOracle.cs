using System.Buffers.Binary;
using PcieFabric.Actors.Tests.HostDrivers;
using PcieFabric.Engine;
using PcieFabric.InterruptControllers;
using PcieFabric.LocalDevices;

namespace PcieFabric.Actors.Tests.Doorbells;

/// <summary>
/// What must be heard, from what reaches a message store and in which order: a ring that is not masked is heard, one that is masked is pending, further ones are the same,
/// and when the mask goes it is heard once, at whoever the message is for by then.
/// </summary>
internal sealed class PendingBitOracle(EndpointTestFabric fabric, int functions, bool readsIntent) : IMessageObserver
{
    private const int Most = 256;

    private readonly int _store = fabric.Fabric.Engine.Paths.ToList().FindIndex(path => path.Value == "host0/rp0/card/messages");
    private readonly (bool Masked, int Target, bool Pending)[,] _entries = new (bool, int, bool)[functions, Most];

    /// <summary>Of each function, of what is heard in which order.</summary>
    public ulong[] Digests { get; } = new ulong[functions];

    public long[,] Expected { get; } = new long[functions, Most];

    public long Rings { get; private set; }

    public static ulong Mix(ulong digest, int doorbell) => (digest ^ (ulong)doorbell + 1) * 0x9E37_79B9_7F4A_7C15;

    public void Delivered(ref readonly Message message, int channelId, int receiver)
    {
        if (receiver != _store || message.Kind != MessageKind.Tlp || !message.Tlp.HasData) return;
        var access = new LocalAccess(message.Detail);
        if (access.Offset < InterruptMessageStore.Messages) Ring(access.Function, (int)access.Offset / 4);
        else if (access.Offset is < InterruptMessageStore.Locations) Store(access.Function, (int)(access.Offset - InterruptMessageStore.Messages) / 16, message.Tlp.Payload);
        else if (access.Offset == InterruptMessageStore.Sync) Release(access.Function, (int)BinaryPrimitives.ReadUInt32LittleEndian(message.Tlp.Payload));
    }

    private void Ring(int function, int number)
    {
        Rings++;
        ref var entry = ref EntryOf(function, number);
        // What software has unmasked in memory and not told of is still pending: the two are one.
        if (!entry.Masked) Hear(function, ref entry);
        else entry.Pending = true;
    }

    private void Store(int function, int number, ReadOnlySpan<byte> message)
    {
        ref var entry = ref _entries[function, number];
        entry.Target = (int)BinaryPrimitives.ReadUInt32LittleEndian(message[8..]);
        entry.Masked = (BinaryPrimitives.ReadUInt32LittleEndian(message[12..]) & 1) != 0;
        Release(function, number);
    }

    private void Release(int function, int number)
    {
        ref var entry = ref EntryOf(function, number);
        if (entry.Pending && !entry.Masked) Hear(function, ref entry);
    }

    private void Hear(int function, ref (bool Masked, int Target, bool Pending) entry)
    {
        entry.Pending = false;
        Expected[function, entry.Target]++;
        Digests[function] = Mix(Digests[function], entry.Target);
    }

    /// <summary>A message in memory is as software wants it from the moment on that it does; one in the store is changed by a write on its way.</summary>
    private ref (bool Masked, int Target, bool Pending) EntryOf(int function, int number)
    {
        ref var entry = ref _entries[function, number];
        if (!readsIntent || fabric.DoorbellsOf(function).Set is not { } set) return ref entry;
        (entry.Masked, entry.Target) = (set[number].IsMasked, set[number].Target.Number);
        return ref entry;
    }
}
