using PcieFabric.Documents.Shapes;
using PcieFabric.Input;
using PcieFabric.RootComplexes;

namespace PcieFabric.Topologies.Reading;

/// <summary>The keys of a root complex's <c>peer-to-peer</c>: a policy, or a policy with an allow-list.</summary>
internal static class PeerToPeerSchema
{
    private static readonly Shape<PeerToPeerPolicy> PolicyShape = new ChoiceShape<PeerToPeerPolicy>(
        new("none", PeerToPeerPolicy.None, "nothing"),
        new("writes-only", PeerToPeerPolicy.WritesOnly, "posted writes"),
        new("same-bridge", PeerToPeerPolicy.SameBridge, "reads and writes among its own root ports"),
        new("full", PeerToPeerPolicy.Full, "reads and writes, to other root complexes of the host too"));

    private static readonly Key<PeerToPeerPolicy> Policy = Key.Optional("policy", PolicyShape, "full", "What the root complex forwards.");

    private static readonly Shape<AllowedPeers> Pair = new LocatedShape<IReadOnlyList<Located<string>>>(
        new ListShape<Located<string>>(new LocatedShape<string>(new TextShape()), most: 2, least: 2))
        .As(pair => new AllowedPeers(new PathPattern(pair.Value[0].Value, pair.Value[0].At), new PathPattern(pair.Value[1].Value, pair.Value[1].At), pair.At));

    private static readonly Key<IReadOnlyList<AllowedPeers>?> Allow = Key.Absent<IReadOnlyList<AllowedPeers>?>("allow",
        new ListShape<AllowedPeers>(Pair, Limits.GuardedPairs).As(pairs => (IReadOnlyList<AllowedPeers>?)pairs), null,
        "Pairs of function paths, or patterns of them, that may reach each other; once software has loaded the list, no others may. Every pair may if left out.");

    public static readonly Shape<PeerToPeerDefinition> Shape = new EitherShape<PeerToPeerDefinition>(
        PolicyShape.As(policy => new PeerToPeerDefinition(policy, null)),
        new RecordShape<PeerToPeerDefinition>("the peer-to-peer rules", "Which peer-to-peer requests pass.", [Policy, Allow],
            fields => new(fields.Get(Policy), fields.Get(Allow))));
}
