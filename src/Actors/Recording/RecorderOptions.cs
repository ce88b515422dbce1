using PcieFabric.Documents;
using PcieFabric.Engine;
using PcieFabric.Experiments;
using PcieFabric.Journals;

namespace PcieFabric.Recording;

/// <summary>What a journal is to keep.</summary>
public sealed record RecorderOptions
{
    public static readonly SimTime DefaultDigestInterval = SimTime.FromMicroseconds(100);

    public static readonly SimTime DefaultDigestWindow = SimTime.FromMicroseconds(1);

    /// <summary>What <see cref="Sources"/> say how to make.</summary>
    public JournalSubject Subject { get; init; }

    public JournalLevel Level { get; init; } = JournalLevel.Messages;

    /// <summary>
    /// A replay without messages tells in which interval of this length it went astray. An actor that received something in an interval costs ten bytes, so shorter
    /// ones than the default make a journal without messages as long as one with them.
    /// </summary>
    public SimTime DigestInterval { get; init; } = DefaultDigestInterval;

    /// <summary>
    /// How much of each interval, from its start, digests are taken of. Digests of everything cost more than the run itself; the default costs a hundredth of that, and sees
    /// whatever still differs when the next interval starts. As long as the interval for everything.
    /// </summary>
    public SimTime DigestWindow { get; init; } = DefaultDigestWindow;

    internal ObservedTimes DigestTimes => new(DigestInterval.Picoseconds, Math.Min(DigestWindow.Picoseconds, DigestInterval.Picoseconds));

    /// <summary>Files that the run is made from, the experiment first. Without them whoever replays it has to bring the fabric.</summary>
    public IReadOnlyList<SourceText> Sources { get; init; } = [];

    /// <summary>Values that were set over the files, as <see cref="Override.Text"/>.</summary>
    public IReadOnlyList<string> Overrides { get; init; } = [];

    /// <summary>With all that a replay of an experiment needs.</summary>
    public static RecorderOptions For(ExperimentDefinition experiment) => new() { Sources = experiment.Sources, Overrides = experiment.Overrides };
}
