using PcieFabric.Input;
using PcieFabric.Units;

namespace PcieFabric.Experiments;

/// <summary>
/// A condition on results: <c>METRIC [STATISTIC] OPERATOR VALUE [within P %] [at PLACE, ...]</c>, such as <c>latency p99 &lt;= 2 us at 64 B</c>.
/// Without <c>at</c> it must hold at every size and at every point of a sweep.
/// </summary>
/// <param name="Workload">Whose measurements it looks at.</param>
/// <param name="Metric">Which of them.</param>
/// <param name="Statistic">Which value of each.</param>
/// <param name="Operator">How it compares with <paramref name="Value"/>.</param>
/// <param name="Value">In the metric's dimension.</param>
/// <param name="TolerancePercent">How far off the value may be and still count as equal, in hundredths of <paramref name="Value"/>.</param>
/// <param name="SizeBytes">The one size it speaks of; null for all.</param>
/// <param name="Text">As the author wrote it.</param>
/// <param name="Source">Where.</param>
public sealed record Check(
    string Workload, Metric Metric, Statistic Statistic, Comparison Operator, Quantity Value,
    double TolerancePercent, int? SizeBytes, string Text, SourceLocation? Source = null)
{
    /// <summary>The values of swept settings that it speaks of; it must hold wherever they are met.</summary>
    public SweepPoint Point { get; init; } = SweepPoint.None;

    /// <summary>Looks at the measurements that it speaks of; the result reports the one furthest from meeting it. No measurement is a check not met.</summary>
    public CheckResult Evaluate(IEnumerable<Measurement> measurements)
    {
        Measurement? worst = null;
        var worstMargin = double.PositiveInfinity;
        foreach (var measurement in measurements)
        {
            if (measurement.Workload != Workload || measurement.Metric != Metric || (SizeBytes is { } size && measurement.SizeBytes != size) || !measurement.Point.Includes(Point))
                continue;
            var margin = measurement.Values.Count == 0 ? double.NegativeInfinity : Margin(measurement.Values[Statistic]);
            if (worst is not null && margin >= worstMargin)
                continue;
            (worst, worstMargin) = (measurement, margin);
        }
        return new CheckResult(this, worst is not null && Holds(worstMargin), worst);
    }

    /// <summary>How far inside the condition an observed value lies; negative outside.</summary>
    private double Margin(double observed)
    {
        var slack = Math.Abs(Value.Value) * TolerancePercent / 100;
        return Operator switch
        {
            Comparison.Less or Comparison.AtMost => Value.Value + slack - observed,
            Comparison.Greater or Comparison.AtLeast => observed - (Value.Value - slack),
            _ => slack - Math.Abs(observed - Value.Value),
        };
    }

    private bool Holds(double margin) => Operator is Comparison.Less or Comparison.Greater ? margin > 0 : margin >= 0;

    public override string ToString() => Text;
}

/// <summary>What came of a check.</summary>
/// <param name="Check">The check.</param>
/// <param name="IsMet">It holds for all measurements that it speaks of, and there is at least one.</param>
/// <param name="Decisive">The measurement that is furthest from meeting it; null if there was none.</param>
public sealed record CheckResult(Check Check, bool IsMet, Measurement? Decisive)
{
    /// <summary>The decisive value in the metric's dimension; null if there was none.</summary>
    public Quantity? Observed =>
        Decisive is { Values.Count: > 0 } measurement ? new Quantity(measurement.Values[Check.Statistic], Check.Metric.Dimension) : null;

    /// <summary>One line for a person: <c>bandwidth >= 50 Gb/s: 52.9 Gb/s at 4 KiB</c>.</summary>
    public override string ToString() =>
        Observed is { } observed
            ? $"{Check.Text}: {observed} at {Decisive!.Place}"
            : $"{Check.Text}: nothing was measured";
}

/// <summary>How a measured value compares with a check's.</summary>
public enum Comparison
{
    Less,
    AtMost,
    Greater,
    AtLeast,
    Equal,
}
