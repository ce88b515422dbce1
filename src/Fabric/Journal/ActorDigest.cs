namespace PcieFabric.Journals;

/// <summary>The digest of all that an actor has received up to some time.</summary>
/// <param name="Actor">Its number, in the order of spawning.</param>
public readonly record struct ActorDigest(int Actor, ulong Value);
