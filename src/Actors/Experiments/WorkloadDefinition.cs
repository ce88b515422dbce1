using PcieFabric.Input;
using PcieFabric.Topologies;

namespace PcieFabric.Experiments;

/// <summary>
/// Transfers of one kind, repeated at each of <see cref="SizesBytes"/>. The functions that <see cref="Functions"/> selects
/// all work at the same time.
/// </summary>
public abstract record WorkloadDefinition
{
    private protected WorkloadDefinition() { }

    /// <summary>Unique within the experiment.</summary>
    public required string Name { get; init; }

    public abstract WorkloadKind Kind { get; }

    /// <summary>The functions that take part: accessed by their host, or doing DMA.</summary>
    public PathPattern Functions { get; init; } = new("**");

    /// <summary>Bytes of one operation; one measurement series for each.</summary>
    public required IReadOnlyList<int> SizesBytes { get; init; }

    /// <summary>Operations of each function at each size, after the warm-up; where <see cref="TotalBytes"/> is set, it decides instead.</summary>
    public int Count { get; init; } = 1000;

    /// <summary>Bytes that each function moves at each size, after the warm-up; zero where <see cref="Count"/> decides.</summary>
    public long TotalBytes { get; init; }

    /// <summary>Operations of each function at each size that are done first and not measured.</summary>
    public int WarmUp { get; init; }

    /// <summary>Operations that each function (or the host, for each function) has under way at once.</summary>
    public int Outstanding { get; init; } = 1;

    public IReadOnlyList<Check> Checks { get; init; } = [];

    public SourceLocation? Source { get; init; }

    /// <summary>Operations of each function at this size, after the warm-up: at least one.</summary>
    public int CountAt(int sizeBytes) => TotalBytes == 0 ? Count : (int)Math.Clamp(TotalBytes / sizeBytes, 1, Limits.MaxOperations);
}

/// <summary>The host reads or writes a BAR of each function.</summary>
public sealed record MmioWorkload : WorkloadDefinition
{
    public required bool IsWrite { get; init; }

    public override WorkloadKind Kind => IsWrite ? WorkloadKind.MmioWrite : WorkloadKind.MmioRead;

    /// <summary>Index of the BAR.</summary>
    public int Bar { get; init; }

    /// <summary>Where in the BAR, in bytes; successive operations all go there.</summary>
    public ulong OffsetBytes { get; init; }
}

/// <summary>Each function reads or writes its host's memory, or does both at once.</summary>
public sealed record DmaWorkload : WorkloadDefinition
{
    public required bool Reads { get; init; }
    public required bool Writes { get; init; }

    public override WorkloadKind Kind => (Reads, Writes) switch
    {
        (true, true) => WorkloadKind.DmaReadWrite,
        (true, false) => WorkloadKind.DmaRead,
        _ => WorkloadKind.DmaWrite,
    };

    /// <summary>Bytes of host memory that each function has for itself and walks through in turn, at least the largest size.</summary>
    public required long BufferBytes { get; init; }

    /// <summary>From a page boundary to the start of each buffer, in bytes: 0 to 4095.</summary>
    public int AlignmentOffsetBytes { get; init; }
}

/// <summary>Each function writes its own data into a BAR of <see cref="Target"/>, peer to peer.</summary>
public sealed record PeerCopyWorkload : WorkloadDefinition
{
    public override WorkloadKind Kind => WorkloadKind.PeerToPeerCopy;

    /// <summary>Where the data goes: the functions of the same host that match are taken in turn, so that a host's first source writes to its first target.</summary>
    public required PathPattern Target { get; init; }

    /// <summary>Index of the target's BAR.</summary>
    public int Bar { get; init; }

    /// <summary>Where in that BAR the data starts, in bytes.</summary>
    public ulong OffsetBytes { get; init; }
}
