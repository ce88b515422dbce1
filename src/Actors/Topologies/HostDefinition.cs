using PcieFabric.Input;
using PcieFabric.Iommus;
using PcieFabric.RootComplexes;

namespace PcieFabric.Topologies;

/// <summary>A machine: memory, and one or more root complexes that share it.</summary>
public sealed record HostDefinition
{
    public required string Name { get; init; }

    /// <summary>
    /// Host memory. It starts at address zero and leaves out the hole from <see cref="MemoryHoleBase"/> to 4 GiB; what does not
    /// fit below the hole continues at 4 GiB.
    /// </summary>
    public ulong MemoryBytes { get; init; } = 1UL << 30;

    /// <summary>From a request's arrival at the root complex to the first byte of its data.</summary>
    public SimTime MemoryLatency { get; init; } = SimTime.FromNanoseconds(200);

    public Processor Processor { get; init; } = DefaultProcessor;

    /// <summary>Between a root complex and its root ports, one way; also look-ahead, hence above zero.</summary>
    public SimTime PortLatency { get; init; } = SimTime.FromNanoseconds(20);

    /// <summary>Between the root ports and memory; null for none.</summary>
    public IommuSettings? Iommu { get; init; }

    public required IReadOnlyList<RootComplexDefinition> RootComplexes { get; init; }

    public SourceLocation? Source { get; init; }

    /// <summary>AMD's Zen 3, one of the processors behind which Linux takes every root complex to forward peer-to-peer traffic.</summary>
    public static readonly Processor DefaultProcessor = new(ProcessorVendor.Amd, 0x19);

    /// <summary>Memory never lies between here and 4 GiB: room for 32-bit windows, as on PCs.</summary>
    public const ulong MemoryHoleBase = 0x8000_0000;

    public const ulong HighMemoryBase = 0x1_0000_0000;
}
