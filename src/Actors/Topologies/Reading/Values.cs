using PcieFabric.ConfigSpaces.Capabilities;
using PcieFabric.Documents.Shapes;
using PcieFabric.Units;

namespace PcieFabric.Topologies.Reading;

/// <summary>The shapes of values that several parts of a topology use.</summary>
internal static class Values
{
    public static readonly Shape<bool> Flag = new FlagShape();
    public static readonly Shape<string> Text = new TextShape();
    public static readonly Shape<Located<string>> Reference = new LocatedShape<string>(new NameShape());
    public static readonly Shape<ushort> Id = new WholeNumberShape(0, 0xFFFF, hexadecimal: true).As(value => (ushort)value);
    public static readonly Shape<ushort> VendorId = new WholeNumberShape(0, 0xFFFE, hexadecimal: true).As(value => (ushort)value);

    /// <summary>Up to a second: what is longer is a slip of the unit, and must leave virtual time room.</summary>
    public static readonly Shape<SimTime> Latency = Time(SimTime.FromSeconds(1));

    public static Shape<int> Whole(int least, int most) => new WholeNumberShape((ulong)least, (ulong)most).As(value => (int)value);

    public static Shape<SimTime> Time(SimTime most) => new QuantityShape(Dimension.Time, 1, most.Picoseconds).As(value => new SimTime((long)value));

    public static Shape<ulong> Size(ulong least, ulong most) => new QuantityShape(Dimension.Size, least, most).As(value => (ulong)value);

    public static Shape<ulong> PowerOfTwo(ulong least, ulong most) => new QuantityShape(Dimension.Size, least, most, powerOfTwo: true).As(value => (ulong)value);

    public static readonly Shape<AcsControls> Acs = new ListShape<AcsControls>(
        new ChoiceShape<AcsControls>(
            new("source-validation", AcsControls.SourceValidation),
            new("translation-blocking", AcsControls.TranslationBlocking),
            new("request-redirect", AcsControls.PeerRequestRedirect),
            new("completion-redirect", AcsControls.PeerCompletionRedirect),
            new("upstream-forwarding", AcsControls.UpstreamForwarding),
            new("egress-control", AcsControls.PeerEgressControl),
            new("direct-translated", AcsControls.DirectTranslatedPeer)),
        most: 7).As(controls => controls.Aggregate(AcsControls.None, (all, one) => all | one));
}
