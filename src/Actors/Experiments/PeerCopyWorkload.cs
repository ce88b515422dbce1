using PcieFabric.ConfigSpaces.Capabilities;
using PcieFabric.Documents.Shapes;
using PcieFabric.Input;
using PcieFabric.Topologies;

namespace PcieFabric.Experiments;

/// <summary>Each function writes its own data into a BAR of <see cref="Target"/>, peer to peer, or reads what is there.</summary>
public sealed record PeerCopyWorkload : WorkloadDefinition
{
    private static readonly Key<PathPattern> TargetKey = Key.Required("target", new PathPatternShape(), "The functions whose BAR is accessed; the others take them in turn.");

    private static readonly Key<AcsControls?> Acs = Key.Absent("acs", new SweepShape<AcsControls?>(new ChoiceShape<AcsControls?>(
        new("none", AcsControls.None, "everything off, as after reset"),
        new("request-redirect", AcsControls.PeerRequestRedirect | AcsControls.UpstreamForwarding, "RR and UF: requests go up to the root complex"),
        new("completion-redirect", AcsControls.PeerCompletionRedirect | AcsControls.UpstreamForwarding, "CR and UF: completions go up"),
        new("isolation", AcsControls.SourceValidation | AcsControls.PeerRequestRedirect | AcsControls.PeerCompletionRedirect | AcsControls.UpstreamForwarding, "SV, RR, CR and UF, as Linux sets them"))), null,
        "Access Control Services that software enables first, in every port and function that has them. Left as they are if left out.");

    internal static readonly WorkloadKind[] Kinds =
    [
        Named("p2p-copy", isRead: false, "Functions write into other functions' BARs."),
        Named("p2p-read", isRead: true, "Functions read other functions' BARs."),
    ];

    public override string Kind => IsRead ? "p2p-read" : "p2p-copy";

    /// <summary>Data comes from the target; otherwise it goes there.</summary>
    public bool IsRead { get; init; }

    /// <summary>The other side: the functions of the same host that match are taken in turn, so that a host's first source goes to its first target.</summary>
    public required PathPattern Target { get; init; }

    /// <summary>Index of the target's BAR.</summary>
    public int Bar { get; init; }

    /// <summary>Where in that BAR the data starts, in bytes.</summary>
    public ulong OffsetBytes { get; init; }

    /// <summary>What software enables first, in all ports and functions that have it; null leaves them as they are.</summary>
    public AcsControls? AccessControl { get; init; }

    internal override Step StepAt(int sizeBytes) => new DmaStep(this, sizeBytes);

    internal override void Check(WorkloadRules rules, Func<Key, SourceLocation> at)
    {
        var (functions, targets) = (rules.Select(Functions), rules.Select(Target));
        WorkloadRules.CheckBar(targets, Bar, OffsetBytes, this, at(BarKeys.Bar));
        WorkloadRules.CheckPairs(functions, targets, Target);
    }

    private static WorkloadKind Named(string kind, bool isRead, string documentation) =>
        new(kind, documentation, Limits.MaxTransferBytes, [TargetKey, BarKeys.Bar, BarKeys.Offset, Acs], (fields, sizes) => new PeerCopyWorkload
        {
            Name = kind,
            SizesBytes = sizes,
            IsRead = isRead,
            Target = fields.Get(TargetKey),
            Bar = fields.Get(BarKeys.Bar),
            OffsetBytes = fields.Get(BarKeys.Offset),
            AccessControl = fields.Get(Acs),
        });
}
