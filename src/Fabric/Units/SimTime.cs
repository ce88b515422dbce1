using System.Globalization;

namespace PcieFabric.Units;

/// <summary>A point in virtual time, or a span of it, in picoseconds. A run starts at zero; a <c>long</c> reaches 106 days.</summary>
public readonly record struct SimTime(long Picoseconds) : IComparable<SimTime>
{
    public static readonly SimTime Zero;
    public static readonly SimTime Never = new(long.MaxValue);

    public static SimTime FromNanoseconds(double value) => new((long)Math.Round(value * 1e3));
    public static SimTime FromMicroseconds(double value) => new((long)Math.Round(value * 1e6));
    public static SimTime FromMilliseconds(double value) => new((long)Math.Round(value * 1e9));
    public static SimTime FromSeconds(double value) => new((long)Math.Round(value * 1e12));

    public double Nanoseconds => Picoseconds / 1e3;
    public double Microseconds => Picoseconds / 1e6;
    public double Seconds => Picoseconds / 1e12;

    public int CompareTo(SimTime other) => Picoseconds.CompareTo(other.Picoseconds);

    public static SimTime operator +(SimTime left, SimTime right) => new(left.Picoseconds + right.Picoseconds);
    public static SimTime operator -(SimTime left, SimTime right) => new(left.Picoseconds - right.Picoseconds);
    public static bool operator <(SimTime left, SimTime right) => left.Picoseconds < right.Picoseconds;
    public static bool operator >(SimTime left, SimTime right) => left.Picoseconds > right.Picoseconds;
    public static bool operator <=(SimTime left, SimTime right) => left.Picoseconds <= right.Picoseconds;
    public static bool operator >=(SimTime left, SimTime right) => left.Picoseconds >= right.Picoseconds;

    /// <summary>The shortest exact form in the largest unit that keeps the number at least one: <c>1.25 us</c>.</summary>
    public override string ToString()
    {
        var magnitude = Math.Abs((decimal)Picoseconds);
        var (divisor, unit) = magnitude switch
        {
            >= 1_000_000_000_000m => (1_000_000_000_000m, "s"),
            >= 1_000_000_000m => (1_000_000_000m, "ms"),
            >= 1_000_000m => (1_000_000m, "us"),
            >= 1_000m => (1_000m, "ns"),
            _ => (1m, "ps"),
        };
        return string.Create(CultureInfo.InvariantCulture, $"{Picoseconds / divisor:0.############} {unit}");
    }
}
