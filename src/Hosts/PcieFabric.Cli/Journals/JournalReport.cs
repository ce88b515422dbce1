using System.Text.Json.Serialization;
using PcieFabric.Recording;

namespace PcieFabric.Cli.Journals;

/// <summary>What <c>journal stats --json</c> prints.</summary>
/// <param name="Level"><c>inputs</c> or <c>messages</c>.</param>
/// <param name="Truncated">The journal ends before its run did; then <paramref name="Delivered"/> and <paramref name="Digest"/> are absent.</param>
/// <param name="Delivered">Messages that the run delivered, whether kept or not.</param>
/// <param name="Kinds">Messages that are kept, by kind.</param>
/// <param name="Tlps">TLPs among them that travelled on links, by type.</param>
internal sealed record JournalReport(
    string File, long Bytes, string Producer, string Seed, string Level, bool Truncated, IReadOnlyList<string> Sources, int Actors, int Channels, int Blocks,
    long? Delivered, long LastPs, string? Digest, IReadOnlyDictionary<string, long> Kinds, IReadOnlyDictionary<string, long> Tlps, IReadOnlyList<JournalReport.ActorCount> Busiest)
{
    /// <param name="Path">Of the actor.</param>
    internal sealed record ActorCount(string Path, long Received, long Sent);
}

/// <summary>What <c>replay --json</c> and <c>journal diff --json</c> print.</summary>
/// <param name="Same">Nothing differs in what was compared; the exit code says the same.</param>
/// <param name="Divergence">The first difference, or null.</param>
internal sealed record ComparisonReport(bool Same, long? Messages, long? Digests, long? ComparedUntilPs, ComparisonReport.Difference? Divergence)
{
    /// <param name="First">What was recorded, or the first journal has.</param>
    /// <param name="Second">What happened this time, or the second journal has.</param>
    internal sealed record Difference(long TimePs, string Where, string First, string Second);

    public static Difference? Of(Divergence? divergence) => divergence is null ? null : new(divergence.At.Picoseconds, divergence.Where, divergence.Recorded, divergence.Replayed);
}

/// <summary>Serialisation made at build time.</summary>
[JsonSerializable(typeof(JournalReport))]
[JsonSerializable(typeof(ComparisonReport))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class JournalJson : JsonSerializerContext;
