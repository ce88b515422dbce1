namespace PcieFabric.Experiments;

/// <summary>How far a run is.</summary>
/// <param name="Now">Virtual time that all of the fabric has reached.</param>
/// <param name="Messages">Delivered so far.</param>
/// <param name="StepsDone">Of <paramref name="Steps"/>: each host has one for its enumeration, and one for each size of each workload.</param>
/// <param name="Activity">What the first host that has not finished is at.</param>
public readonly record struct ExperimentProgress(SimTime Now, long Messages, int StepsDone, int Steps, string Activity);
