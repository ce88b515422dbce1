using PcieFabric.Documents.Shapes;
using PcieFabric.Topologies.Reading;
using PcieFabric.Units;

namespace PcieFabric.Experiments;

/// <summary>The keys of workloads that go to a place in a BAR.</summary>
internal static class BarKeys
{
    public static readonly Key<int> Bar = Key.Optional("bar", new SweepShape<int>(Values.Whole(0, 5), Dimension.Count), "0", "Index of the BAR that is accessed.");
    public static readonly Key<ulong> Offset = Key.Optional("offset", new SweepShape<ulong>(new OffsetShape(1UL << 52), Dimension.Size), "0", "Where in the BAR.");
}
