using PcieFabric.Documents.Shapes;
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

    /// <summary>Unique within the experiment, but that the points of a sweep share it.</summary>
    public required string Name { get; init; }

    /// <summary>What is done, as a file says it: <c>dma-read</c>.</summary>
    public abstract string Kind { get; }

    /// <summary>Where a sweep this is, beside its sizes; <see cref="SweepPoint.None"/> without one.</summary>
    public SweepPoint Point { get; init; } = SweepPoint.None;

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

    /// <summary>Of the workload: all points of a sweep have the same.</summary>
    public IReadOnlyList<Check> Checks { get; init; } = [];

    public SourceLocation? Source { get; init; }

    /// <summary>Operations of each function at this size, after the warm-up: at least one.</summary>
    public int CountAt(int sizeBytes) => TotalBytes == 0 ? Count : (int)Math.Clamp(TotalBytes / sizeBytes, 1, Limits.MaxOperations);

    /// <summary>What does it at one of its sizes, on one host.</summary>
    internal abstract Step StepAt(int sizeBytes);

    /// <summary>What the workload and the topology must agree on.</summary>
    /// <param name="at">Where the author wrote the value of a key.</param>
    /// <exception cref="InputException">They do not; located.</exception>
    internal abstract void Check(WorkloadRules rules, Func<Key, SourceLocation> at);
}
