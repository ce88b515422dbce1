namespace PcieFabric.Units;

/// <summary>What a <see cref="Quantity"/> measures; each has one base unit.</summary>
public enum Dimension
{
    /// <summary>A plain number.</summary>
    Count,

    /// <summary>In picoseconds.</summary>
    Time,

    /// <summary>In bytes.</summary>
    Size,

    /// <summary>In bits per second.</summary>
    Bandwidth,

    /// <summary>In operations per second.</summary>
    Rate,

    /// <summary>In hundredths.</summary>
    Percentage,
}
