using PcieFabric.Topologies.Building;

namespace PcieFabric.Recording;

/// <summary>A fabric with its software attached, and what sets it going: what a replay makes anew.</summary>
/// <param name="Fabric">Disposed with the run.</param>
/// <param name="Execute">Runs it to its end.</param>
public sealed record FabricRun(Fabric Fabric, Action Execute) : IDisposable
{
    /// <summary>A fabric that runs until nothing is left to happen.</summary>
    public FabricRun(Fabric fabric)
        : this(fabric, () => fabric.Engine.Run())
    {
    }

    public void Dispose() => Fabric.Dispose();
}
