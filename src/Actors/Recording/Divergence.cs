namespace PcieFabric.Recording;

/// <summary>The first place where a replay is not what was recorded.</summary>
/// <param name="At">Virtual time of the earlier of both sides; without messages, the start of the interval.</param>
/// <param name="Where">What differs there: a path, a message by its number, a table.</param>
/// <param name="Recorded">What the journal has, decoded.</param>
/// <param name="Replayed">What happened this time, decoded.</param>
public sealed record Divergence(SimTime At, string Where, string Recorded, string Replayed)
{
    public override string ToString() => Describe("the replay diverges", "recorded", "replayed");

    /// <summary>With other names for the two sides.</summary>
    public string Describe(string what, string first, string second) => $"{what} at {At}, {Where}\n  {first}: {Recorded}\n  {second}: {Replayed}";
}
