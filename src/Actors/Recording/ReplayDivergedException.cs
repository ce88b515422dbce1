namespace PcieFabric.Recording;

/// <summary>A run was not what its journal says. The message shows both sides, decoded.</summary>
public sealed class ReplayDivergedException(string file, Divergence divergence) : Exception($"{file}: {divergence}")
{
    public Divergence Divergence { get; } = divergence;
}
