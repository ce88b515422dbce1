using System.Text.RegularExpressions;
using PcieFabric.Documents;
using PcieFabric.Documents.Shapes;
using PcieFabric.Input;
using PcieFabric.Units;

namespace PcieFabric.Experiments;

/// <summary>Reads <c>METRIC [STATISTIC] OPERATOR VALUE [within P %] [at PLACE, ...]</c>.</summary>
internal static partial class CheckParser
{
    private static readonly string[] Statistics = [.. Enum.GetNames<Statistic>().Select(name => name.ToLowerInvariant())];
    private static readonly string[] MetricNames = [.. Metric.All.Select(metric => metric.Name)];

    /// <exception cref="InputException">Located at the part of the text that is wrong.</exception>
    /// <param name="points">Of the workload's sweep.</param>
    public static Check Parse(ScalarNode scalar, string workload, IReadOnlyList<int> sizes, IReadOnlyList<SweepPoint> points)
    {
        var match = Grammar().Match(scalar.Text);
        if (!match.Success)
        {
            throw new InputException($"'{scalar.Text}' is not a check",
                "METRIC [STATISTIC] OPERATOR VALUE [within P %] [at PLACE, ...], such as 'latency p99 <= 2 us at 64 B'", scalar.Location);
        }
        var metric = ParseMetric(scalar, match.Groups["metric"]);
        var (size, point) = ParsePlaces(scalar, match.Groups["places"], workload, sizes, points);
        return new Check(
            workload, metric, ParseStatistic(scalar, match.Groups["statistic"], metric), ParseOperator(match.Groups["operator"].Value),
            ParseQuantity(scalar, match.Groups["value"], metric.Dimension), ParseTolerance(scalar, match.Groups["tolerance"]),
            size, scalar.Text, scalar.Location) { Point = point };
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
        return metric.HasStatistics
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

    private static (int? SizeBytes, SweepPoint Point) ParsePlaces(ScalarNode scalar, Group group, string workload, IReadOnlyList<int> sizes, IReadOnlyList<SweepPoint> points)
    {
        if (!group.Success)
            return (null, SweepPoint.None);
        int? size = null;
        var settings = new List<SweepSetting>();
        var start = group.Index;
        foreach (var part in group.Value.Split(','))
        {
            var at = scalar.At(start + part.Length - part.TrimStart().Length);
            var text = part.Trim();
            start += part.Length + 1;
            var space = text.IndexOf(' ', StringComparison.Ordinal);
            var values = space < 0 ? [] : points.Select(point => point[text[..space]]).OfType<SweepSetting>().Distinct().ToArray();
            if (values.Length > 0) settings.Add(ParseSetting(text[(space + 1)..].Trim(), values, workload, at));
            else size = ParseSize(text, workload, sizes, at);
        }
        return (size, settings.Count == 0 ? SweepPoint.None : new SweepPoint(settings));
    }

    private static SweepSetting ParseSetting(string text, SweepSetting[] values, string workload, SourceLocation at)
    {
        foreach (var value in values)
        {
            if (value.Text == text || (value.Value is { } number && Quantity.Parse(text, number.Dimension, at) == number))
                return value;
        }
        throw new InputException($"'{workload}' does not measure at {values[0].Key} {text}", $"its values: {string.Join(", ", values.Select(value => value.Text))}", at);
    }

    private static int ParseSize(string text, string workload, IReadOnlyList<int> sizes, SourceLocation at)
    {
        var size = Quantity.Parse(text, Dimension.Size, at).Value;
        foreach (var known in sizes)
        {
            if (known == size)
                return known;
        }
        throw new InputException($"'{workload}' does not measure at {text}",
            $"its sizes: {string.Join(", ", sizes.Select(known => new Quantity(known, Dimension.Size)))}", at);
    }

    public const string Pattern =
        @"^\s*(?<metric>[A-Za-z-]+)(\s+(?<statistic>[A-Za-z0-9]+))?\s*(?<operator><=|>=|==|<|>)\s*(?<value>[^<>=]+?)(\s+within\s+(?<tolerance>[^<>=]+?))?(\s+at\s+(?<places>[^<>=]+?))?\s*$";

    [GeneratedRegex(Pattern, RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Grammar();
}
