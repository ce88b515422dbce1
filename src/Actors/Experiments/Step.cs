using PcieFabric.Topologies.Building;

namespace PcieFabric.Experiments;

/// <summary>One workload at one size on one host. What it leaves behind is read when the engine stands still.</summary>
internal abstract class Step
{
    public abstract WorkloadDefinition Workload { get; }

    public abstract int SizeBytes { get; }

    /// <summary>Done by host software.</summary>
    public abstract Task RunAsync(HostSoftware software);

    /// <summary>The functions that it still waits for, by path. To be read when the engine stands still.</summary>
    public abstract IEnumerable<string> Awaited { get; }

    /// <summary>What was recorded. Empty if the step was not begun.</summary>
    public abstract IEnumerable<OperationLog> Logs(Fabric fabric);

    /// <summary>The ways that its traffic took, each once, in words; none where nobody can wonder.</summary>
    public virtual IEnumerable<string> Ways(Fabric fabric) => [];

    /// <summary>What the host's IOMMU looked up meanwhile.</summary>
    public TranslationLookups Translations { get; set; }
}
