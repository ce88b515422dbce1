using PcieFabric.Engine;

namespace PcieFabric.TlpPaths;

/// <summary>A TLP on its arrival at one actor.</summary>
/// <param name="At">When it was delivered.</param>
/// <param name="From">The actor that sent it on.</param>
/// <param name="To">The actor that got it.</param>
/// <param name="Tlp">Its header; a payload beyond sixteen bytes is gone by the time anyone looks.</param>
public sealed record TlpHop(SimTime At, ActorPath From, ActorPath To, Tlp Tlp)
{
    public override string ToString() => $"{At.Picoseconds,12} ps  {From} → {To}  {Tlp.Type} from {Tlp.Requester} tag {Tlp.Tag}";
}
