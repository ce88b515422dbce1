namespace PcieFabric.Iommus;

/// <summary>What an IOMMU has seen. To be read when the engine stands still.</summary>
public sealed class IommuCounters
{
    private readonly long[] _faults = new long[Enum.GetValues<IommuFaultKind>().Length];

    /// <summary>Memory requests and AtomicOps, whatever became of them; translation requests too.</summary>
    public long Requests { get; internal set; }

    /// <summary>Found in the IO-TLB, those included whose walk was still under way.</summary>
    public long Hits { get; internal set; }

    /// <summary>Of the hits, those that waited for a walk that another request had started.</summary>
    public long HitsUnderWalk { get; internal set; }

    /// <summary>Not found: each is a page walk.</summary>
    public long Misses { get; internal set; }

    /// <summary>Tables read by walks.</summary>
    public long LevelsWalked { get; internal set; }

    /// <summary>Time that walks waited for a walker.</summary>
    public SimTime WalkerWait { get; internal set; }

    /// <summary>Requests with translated addresses that passed.</summary>
    public long Translated { get; internal set; }

    /// <summary>Translation requests that were answered, with permissions or without.</summary>
    public long TranslationRequests { get; internal set; }

    /// <summary>Writes to the interrupt window, requests to peers and those of pass-through domains.</summary>
    public long Bypassed { get; internal set; }

    public long InvalidateRequests { get; internal set; }

    public long InvalidateCompletions { get; internal set; }

    /// <summary>Fault records lost because the queue was full.</summary>
    public long FaultsLost { get; internal set; }

    public long Faults => _faults.Sum();

    public long FaultsOf(IommuFaultKind kind) => _faults[(int)kind];

    internal void Count(IommuFaultKind kind) => _faults[(int)kind]++;
}
