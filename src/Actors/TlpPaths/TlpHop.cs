using PcieFabric.Engine;

namespace PcieFabric.TlpPaths;

/// <summary>A TLP on its arrival at one actor.</summary>
/// <param name="At">When it was delivered.</param>
/// <param name="From">The actor that sent it on.</param>
/// <param name="To">The actor that got it.</param>
/// <param name="Requester">Of a completion, whom it is for.</param>
/// <param name="Address">Of a memory request; else zero.</param>
/// <param name="FlowControlClass">Completions tell their requests' way back.</param>
public sealed record TlpHop(SimTime At, ActorPath From, ActorPath To, TlpType Type, Bdf Requester, ushort Tag, ulong Address, FlowControlClass FlowControlClass)
{
    public override string ToString() => $"{At.Picoseconds,12} ps  {From} → {To}  {Type} of {Requester} tag {Tag}";
}
