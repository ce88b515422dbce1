namespace PcieFabric.ConfigSpaces;

/// <summary>
/// What software may do to a field, and who else changes it (PCIe 6.0 table 7-2). Bits that no field claims are
/// reserved: they read zero and ignore writes.
/// </summary>
public enum Access : byte
{
    /// <summary>RO, the same in every function of the layout; takes no memory in a function.</summary>
    ReadOnly,

    /// <summary>HwInit: read-only, given to each function when it is made, and kept by every reset.</summary>
    HardwareInitialized,

    /// <summary>RO to software, while the hardware changes it as its state changes.</summary>
    Status,

    /// <summary>ROS: as <see cref="Status"/>, kept by a conventional reset.</summary>
    StatusSticky,

    /// <summary>RW.</summary>
    ReadWrite,

    /// <summary>RWS: as <see cref="ReadWrite"/>, kept by a conventional reset.</summary>
    ReadWriteSticky,

    /// <summary>RW1C: the hardware sets it, software clears it by writing one.</summary>
    WriteOneToClear,

    /// <summary>RW1CS: as <see cref="WriteOneToClear"/>, kept by a conventional reset.</summary>
    WriteOneToClearSticky,

    /// <summary>RW that always reads zero: writing one starts something, for instance Initiate Function Level Reset.</summary>
    Trigger,
}

/// <summary>How documents abbreviate <see cref="Access"/>.</summary>
public static class AccessNames
{
    /// <summary>The specification's abbreviation.</summary>
    public static string Abbreviation(this Access access) => access switch
    {
        Access.ReadOnly or Access.Status => "RO",
        Access.HardwareInitialized => "HwInit",
        Access.StatusSticky => "ROS",
        Access.ReadWrite or Access.Trigger => "RW",
        Access.ReadWriteSticky => "RWS",
        Access.WriteOneToClear => "RW1C",
        Access.WriteOneToClearSticky => "RW1CS",
        _ => throw new ArgumentOutOfRangeException(nameof(access)),
    };
}
