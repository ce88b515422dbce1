using System.Text.RegularExpressions;

namespace PcieFabric.Guests.Tests.Kselftests;

/// <summary>What the kernel's <c>pci_endpoint_test</c> printed: the Test Anything Protocol, and in comments why a case was skipped or failed.</summary>
internal static partial class KselftestReport
{
    /// <summary>The driver's error numbers that a case tells in words, as it skips.</summary>
    private static readonly Dictionary<string, string> SkippedFor = new()
    {
        ["BAR is disabled"] = "ENODATA",
        ["BAR is reserved"] = "ENOBUFS",
        ["BAR is test register space"] = "EBUSY",
        ["Subrange map is not supported"] = "EOPNOTSUPP",
    };

    private static readonly Dictionary<string, string> FailedBy = new() { ["5"] = "EIO", ["22"] = "EINVAL", ["28"] = "ENOSPC", ["110"] = "ETIMEDOUT" };

    /// <returns>Cases in the order in which they ran, with outcomes as <see cref="KselftestPage"/> has them.</returns>
    public static IReadOnlyList<(string Case, string Outcome)> Parse(string output)
    {
        var outcomes = new List<(string, string)>();
        var error = "";
        foreach (var line in output.Split('\n'))
        {
            if (Unexpected().Match(line) is { Success: true } unexpected) error = FailedBy.GetValueOrDefault(unexpected.Groups[1].Value, unexpected.Groups[1].Value);
            if (Result().Match(line) is not { Success: true } result) continue;
            var outcome = (result.Groups["not"].Success, result.Groups["why"].Success) switch
            {
                (true, _) => $"FAIL {error}",
                (_, true) => $"skip {SkippedFor.GetValueOrDefault(result.Groups["why"].Value, result.Groups["why"].Value)}",
                _ => "pass",
            };
            outcomes.Add((result.Groups["case"].Value, outcome));
            error = "";
        }
        return outcomes;
    }

    [GeneratedRegex(@"^(?<not>not )?ok \d+ (?<case>\S+)( # SKIP (?<why>.*))?$")]
    private static partial Regex Result();

    [GeneratedRegex(@"Expected 0 \(0\) == ret \(-(\d+)\)")]
    private static partial Regex Unexpected();
}
