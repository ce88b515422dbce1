namespace PcieFabric.Experiments;

/// <summary>The way that the traffic of a workload took at one size.</summary>
/// <param name="Text">In words: <c>1 switch</c>, <c>root complex</c>.</param>
public sealed record WorkloadWay(string Workload, int SizeBytes, SweepPoint Point, string Text);
