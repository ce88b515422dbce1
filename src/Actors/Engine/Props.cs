namespace PcieFabric.Engine;

/// <summary>How to spawn an actor.</summary>
/// <param name="Path">Unique in the engine.</param>
/// <param name="Partition">The sequential loop that runs it. It changes speed, never results.</param>
public sealed record Props(ActorPath Path, Actor Actor, int Partition = 0, SupervisorDirective OnFailure = SupervisorDirective.Escalate);
