using PcieFabric.Units;

namespace PcieFabric.Cli.Plots;

/// <summary>How values lie along an axis, and where it has marks.</summary>
/// <param name="IsLogarithmic">Equal ratios are equal distances.</param>
/// <param name="Ticks">Marks with their labels, least first; the first and the last are the ends of the axis.</param>
/// <param name="Dimension">Of the values.</param>
internal sealed record AxisScale(bool IsLogarithmic, IReadOnlyList<(double Value, string Label)> Ticks, Dimension Dimension)
{
    /// <summary>A span of more than this many times is more than a linear axis can show where the other axis is logarithmic too.</summary>
    private const double WideSpan = 30;

    private const int MostSteps = 6;

    public double Least => Ticks[0].Value;

    public double Most => Ticks[^1].Value;

    /// <returns>0 at the least value of the axis, 1 at the most.</returns>
    public double Place(double value) => IsLogarithmic ? Math.Log(value / Least) / Math.Log(Most / Least) : (value - Least) / (Most - Least);

    /// <summary>A value with its unit.</summary>
    public string Describe(double value) => new Quantity(value, Dimension).ToString();

    /// <summary>Round numbers around values; linear from zero, unless a wide span goes with a geometric sweep.</summary>
    public static AxisScale Of(IReadOnlyCollection<double> values, Dimension dimension, bool besideGeometric)
    {
        var (least, most) = (values.Min(), values.Max());
        return besideGeometric && least > 0 && most / least >= WideSpan ? Logarithmic(least, most, dimension) : Linear(most, dimension);
    }

    /// <summary>The values were chosen by factors and not by differences: the distance between neighbours grows, and grows much.</summary>
    /// <param name="values">In order.</param>
    public static bool IsGeometric(IReadOnlyList<double> values)
    {
        const double LeastSpan = 8;
        if (values.Count < 3 || values[0] <= 0 || values[^1] / values[0] < LeastSpan) return false;
        for (var i = 2; i < values.Count; i++)
            if (values[i] - values[i - 1] < values[i - 1] - values[i - 2]) return false;
        return values[^1] - values[^2] >= 2 * (values[1] - values[0]);
    }

    private static AxisScale Linear(double most, Dimension dimension)
    {
        // All of it zero still needs an axis; and hits are hundredths of a whole.
        if (most <= 0) most = 1;
        var step = dimension == Dimension.Percentage && most > 50 ? 20 : RoundStep(most / MostSteps);
        var count = (int)Math.Ceiling(most / step - 1e-9);
        return new(false, [.. Enumerable.Range(0, count + 1).Select(i => (i * step, Label(i * step, dimension)))], dimension);
    }

    private static AxisScale Logarithmic(double least, double most, Dimension dimension)
    {
        var (first, last) = ((int)Math.Floor(Math.Log10(least) + 1e-9), (int)Math.Ceiling(Math.Log10(most) - 1e-9));
        return new(true, [.. Enumerable.Range(first, last - first + 1).Select(exponent => Math.Pow(10, exponent)).Select(value => (value, Label(value, dimension)))], dimension);
    }

    /// <summary>The next of 1, 2, 5, 10, 20, ...</summary>
    private static double RoundStep(double least)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(least)));
        foreach (var factor in (int[])[1, 2, 5])
            if (factor * power >= least * (1 - 1e-9)) return factor * power;
        return 10 * power;
    }

    private static string Label(double value, Dimension dimension) => value == 0 ? "0" : new Quantity(Math.Round(value, 9), dimension).ToString();
}
