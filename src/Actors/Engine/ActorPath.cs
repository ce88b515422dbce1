namespace PcieFabric.Engine;

/// <summary>Where an actor stands in the topology: names joined by slashes, <c>host0/rp0/sw/dp1/ep</c>.</summary>
public sealed record ActorPath(string Value)
{
    public override string ToString() => Value;
}
