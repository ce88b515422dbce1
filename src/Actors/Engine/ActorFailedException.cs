namespace PcieFabric.Engine;

/// <summary>An actor threw, and its supervisor escalated.</summary>
public sealed class ActorFailedException(ActorPath path, SimTime at, MessageKind kind, Exception inner)
    : Exception($"{path} failed at {at} on a {kind} message: {inner.Message}", inner)
{
    public ActorPath Path { get; } = path;
    public SimTime At { get; } = at;
}
