using PcieFabric.Units;

namespace PcieFabric.Experiments;

/// <summary>One metric of one workload at one size.</summary>
/// <param name="Workload">The workload's name.</param>
/// <param name="Metric">What was measured; its dimension gives the unit of <paramref name="Values"/>.</param>
/// <param name="SizeBytes">Bytes of one operation.</param>
/// <param name="Values">In the base unit of the metric's dimension.</param>
public sealed record Measurement(string Workload, Metric Metric, int SizeBytes, Distribution Values)
{
    /// <summary>Where in the workload's sweep, beside the size.</summary>
    public SweepPoint Point { get; init; } = SweepPoint.None;

    /// <summary>For people: <c>64 B, outstanding 8</c>.</summary>
    public string Place => string.Join(", ", [new Quantity(SizeBytes, Dimension.Size).ToString(), .. Point.Settings.Select(setting => setting.ToString())]);
}
