namespace PcieFabric.Recording;

/// <summary>Ends a run of which a replay has seen enough.</summary>
internal sealed class ReplayStoppedException : Exception;
