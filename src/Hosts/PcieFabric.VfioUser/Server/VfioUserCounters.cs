using PcieFabric.VfioUser.Protocol;

namespace PcieFabric.VfioUser.Server;

/// <summary>What a server did, over all its clients. Counted by the one thread that serves, and read by anybody.</summary>
public sealed class VfioUserCounters
{
    private long _clients, _reads, _writes, _others, _errors, _dmaErrors, _interrupts;

    public long Clients => Interlocked.Read(ref _clients);

    /// <summary>Region reads asked for.</summary>
    public long Reads => Interlocked.Read(ref _reads);

    /// <summary>Region writes asked for.</summary>
    public long Writes => Interlocked.Read(ref _writes);

    /// <summary>All other messages.</summary>
    public long Others => Interlocked.Read(ref _others);

    /// <summary>Messages that were answered by an error.</summary>
    public long Errors => Interlocked.Read(ref _errors);

    /// <summary>DMA that clients refused, or left without an answer.</summary>
    public long DmaErrors => Interlocked.Read(ref _dmaErrors);

    /// <summary>Interrupts triggered, of clients that have left.</summary>
    public long Interrupts => Interlocked.Read(ref _interrupts);

    internal void Came() => _clients++;

    internal void Count(Command command, bool isError)
    {
        switch (command)
        {
            case Command.RegionRead:
                _reads++;
                break;
            case Command.RegionWrite or Command.RegionWriteMulti:
                _writes++;
                break;
            default:
                _others++;
                break;
        }
        if (isError) _errors++;
    }

    /// <summary>On any thread.</summary>
    internal void DmaFailed() => Interlocked.Increment(ref _dmaErrors);

    internal void Left(long interrupts) => _interrupts += interrupts;
}
