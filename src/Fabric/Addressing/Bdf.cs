using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace PcieFabric.Addressing;

/// <summary>
/// Bus, device and function number: the 16-bit Routing ID of PCIe 6.0 section 2.2.4.2. Under ARI (section 6.13) the
/// low eight bits are one function number and the device is zero.
/// </summary>
public readonly record struct Bdf(ushort Value) : IComparable<Bdf>
{
    public Bdf(int bus, int device, int function)
        : this((ushort)((bus << 8) | (device << 3) | function))
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)bus, 255u, nameof(bus));
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)device, 31u, nameof(device));
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)function, 7u, nameof(function));
    }

    public byte Bus => (byte)(Value >> 8);
    public byte Device => (byte)((Value >> 3) & 31);
    public byte Function => (byte)(Value & 7);

    /// <summary>The function number where ARI is on: device and function together, 0 to 255.</summary>
    public byte AriFunction => (byte)Value;

    /// <summary>Reads <c>bus:device.function</c> in hexadecimal, as <c>lspci</c> writes it: <c>03:00.1</c>.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out Bdf bdf)
    {
        bdf = default;
        var parts = text?.Split(':', '.');
        if (parts is not { Length: 3 } || text!.IndexOf(':') > text.IndexOf('.')
            || !Hex(parts[0], 255, out var bus) || !Hex(parts[1], 31, out var device) || !Hex(parts[2], 7, out var function))
            return false;
        bdf = new Bdf(bus, device, function);
        return true;

        static bool Hex(string part, int most, out int value) =>
            int.TryParse(part, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value) && value <= most;
    }

    public int CompareTo(Bdf other) => Value.CompareTo(other.Value);

    public static bool operator <(Bdf left, Bdf right) => left.Value < right.Value;
    public static bool operator >(Bdf left, Bdf right) => left.Value > right.Value;
    public static bool operator <=(Bdf left, Bdf right) => left.Value <= right.Value;
    public static bool operator >=(Bdf left, Bdf right) => left.Value >= right.Value;

    public override string ToString() => $"{Bus:x2}:{Device:x2}.{Function:x}";
}
