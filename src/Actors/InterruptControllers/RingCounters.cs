namespace PcieFabric.InterruptControllers;

/// <summary>How often each <see cref="RingOutcome"/> was met, of all functions together. To be read while the engine stands still.</summary>
public sealed class RingCounters
{
    private static readonly int Outcomes = Enum.GetValues<RingOutcome>().Length;

    private readonly long[] _counts = new long[Outcomes];

    public long this[RingOutcome outcome] => _counts[(int)outcome];

    /// <summary>Those that happened, by name.</summary>
    public override string ToString() =>
        string.Join(", ", Enum.GetValues<RingOutcome>().Where(outcome => this[outcome] > 0).Select(outcome => $"{outcome} {this[outcome]}"));

    internal void Count(RingOutcome outcome) => _counts[(int)outcome]++;
}
