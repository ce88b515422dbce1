using PcieFabric.Addressing;
using PcieFabric.VfioUser.Devices;

namespace PcieFabric.VfioUser.Live;

/// <summary>Somebody outside who has functions of a live fabric, as the fabric sees them. All of it is called with the fabric's lock held.</summary>
internal abstract class LiveGuest(LivePlace place)
{
    private readonly Queue<(InterruptIndex Index, int Vector)> _behindWrites = new();
    private int _writesUnderWay;

    public LivePlace Place => place;

    /// <summary>By which the fabric knows who has left; set when it is let in.</summary>
    public int Number { get; set; }

    public IVfioUserClient? Client { get; set; }

    /// <summary>Bars of the guest's that others of its functions may reach: at the guest's address, and at the fabric's.</summary>
    public virtual IEnumerable<(AddressRange Range, ulong FabricAddress)> OpenBars => [];

    /// <summary>A function of the guest's sent an interrupt message.</summary>
    /// <param name="gate">The fabric's lock, which is held.</param>
    public abstract void Interrupted(Bdf function, ulong address, uint data, object gate);

    /// <summary>Some function below the same root complex asserts INTx: one of this guest's, perhaps.</summary>
    /// <returns>Whether it was.</returns>
    public virtual bool TakeLine() => false;

    /// <summary>Memory that the guest does not share is written by a message, in the order of sending.</summary>
    /// <returns>False if the guest takes no more.</returns>
    public bool Send(ulong address, ReadOnlySpan<byte> data, object gate)
    {
        _writesUnderWay++;
        if (Client!.DmaWrite(address, data, _ => Written(gate))) return true;
        _writesUnderWay--;
        return false;
    }

    /// <summary>Interrupts the guest once it has what was written before: a message of ours may still be on its way, and event counters are faster.</summary>
    public void Trigger(InterruptIndex index, int vector)
    {
        if (_writesUnderWay > 0) _behindWrites.Enqueue((index, vector));
        else Client?.Trigger(index, vector);
    }

    public void Forget()
    {
        (Client, _writesUnderWay) = (null, 0);
        _behindWrites.Clear();
    }

    private void Written(object gate)
    {
        lock (gate)
        {
            if (Client is null || --_writesUnderWay > 0) return;
            while (_behindWrites.TryDequeue(out var next)) Client.Trigger(next.Index, next.Vector);
        }
    }
}
