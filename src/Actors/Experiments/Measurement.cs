namespace PcieFabric.Experiments;

/// <summary>One metric of one workload at one size.</summary>
/// <param name="Workload">The workload's name.</param>
/// <param name="Metric">What was measured; its dimension gives the unit of <paramref name="Values"/>.</param>
/// <param name="SizeBytes">Bytes of one operation.</param>
/// <param name="Values">In the base unit of the metric's dimension.</param>
public sealed record Measurement(string Workload, Metric Metric, int SizeBytes, Distribution Values);
