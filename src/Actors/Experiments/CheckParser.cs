using System.Text.RegularExpressions;
using PcieFabric.Documents;
using PcieFabric.Documents.Shapes;
using PcieFabric.Input;
using PcieFabric.Units;

namespace PcieFabric.Experiments;

/// <summary>Reads <c>METRIC [STATISTIC] OPERATOR VALUE [within P %] [at SIZE]</c>.</summary>
internal static partial class CheckParser
{
    private static readonly string[] Statistics = [.. Enum.GetNames<Statistic>().Select(name => name.ToLowerInvariant())];
    private static readonly string[] MetricNames = [.. Metric.All.Select(metric => metric.Name)];

    /// <exception cref="InputException">Located at the part of the text that is wrong.</exception>
    public static Check Parse(ScalarNode scalar, string workload, IReadOnlyList<int> sizes)
    {
        var match = Grammar().Match(scalar.Text);
        if (!match.Success)
        {
            throw new InputException($"'{scalar.Text}' is not a check",
                "METRIC [STATISTIC] OPERATOR VALUE [within P %] [at SIZE], such as 'latency p99 <= 2 us at 64 B'", scalar.Location);
        }
        var metric = ParseMetric(scalar, match.Groups["metric"]);
        return new Check(
            workload, metric, ParseStatistic(scalar, match.Groups["statistic"], metric), ParseOperator(match.Groups["operator"].Value),
            ParseQuantity(scalar, match.Groups["value"], metric.Dimension), ParseTolerance(scalar, match.Groups["tolerance"]),
            ParseSize(scalar, match.Groups["size"], workload, sizes), scalar.Text, scalar.Location);
    }

    private static Metric ParseMetric(ScalarNode scalar, Group group) =>
        Metric.All.FirstOrDefault(metric => metric.Name == group.Value)
        ?? throw new InputException($"there is no metric '{group.Value}'", Suggestion.For(group.Value, MetricNames), scalar.At(group.Index));

    private static Statistic ParseStatistic(ScalarNode scalar, Group group, Metric metric)
    {
        if (!group.Success)
            return metric.DefaultStatistic;
        var place = Array.IndexOf(Statistics, group.Value);
        if (place < 0)
            throw new InputException($"there is no statistic '{group.Value}'", Suggestion.For(group.Value, Statistics), scalar.At(group.Index));
        return metric == Metric.Latency
            ? (Statistic)place
            : throw new InputException($"'{metric}' is one value and has no '{group.Value}'", $"leave '{group.Value}' out", scalar.At(group.Index));
    }

    private static Comparison ParseOperator(string text) => text switch
    {
        "<" => Comparison.Less,
        "<=" => Comparison.AtMost,
        ">" => Comparison.Greater,
        ">=" => Comparison.AtLeast,
        "==" => Comparison.Equal,
        _ => throw new InvalidOperationException($"invariant: the grammar has no operator '{text}'"),
    };

    private static Quantity ParseQuantity(ScalarNode scalar, Group group, Dimension dimension) =>
        Quantity.Parse(group.Value.Trim(), dimension, scalar.At(group.Index));

    private static double ParseTolerance(ScalarNode scalar, Group group)
    {
        if (!group.Success)
            return 0;
        var tolerance = ParseQuantity(scalar, group, Dimension.Percentage).Value;
        return tolerance >= 0 ? tolerance : throw new InputException("a tolerance cannot be negative", null, scalar.At(group.Index));
    }

    private static int? ParseSize(ScalarNode scalar, Group group, string workload, IReadOnlyList<int> sizes)
    {
        if (!group.Success)
            return null;
        var size = ParseQuantity(scalar, group, Dimension.Size).Value;
        foreach (var known in sizes)
        {
            if (known == size)
                return known;
        }
        throw new InputException($"'{workload}' does not measure at {group.Value.Trim()}",
            $"its sizes: {string.Join(", ", sizes.Select(known => new Quantity(known, Dimension.Size)))}", scalar.At(group.Index));
    }

    public const string Pattern =
        @"^\s*(?<metric>[A-Za-z-]+)(\s+(?<statistic>[A-Za-z0-9]+))?\s*(?<operator><=|>=|==|<|>)\s*(?<value>[^<>=]+?)(\s+within\s+(?<tolerance>[^<>=]+?))?(\s+at\s+(?<size>[^<>=]+?))?\s*$";

    [GeneratedRegex(Pattern, RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Grammar();
}
