namespace PcieFabric.ConfigSpaces;

/// <summary>What part of a function a configuration write touched, so that its owner recomputes only that.</summary>
[Flags]
public enum Concerns : uint
{
    None = 0,
    Command = 1 << 0,
    /// <summary>A BAR, a VF BAR or the expansion ROM: its address, size or enable.</summary>
    Bar = 1 << 1,
    BusNumbers = 1 << 2,
    BridgeWindow = 1 << 3,
    BridgeControl = 1 << 4,
    PowerState = 1 << 5,
    Msi = 1 << 6,
    MsiX = 1 << 7,
    /// <summary>Device Control: MPS, MRRS, tags, error reporting, FLR.</summary>
    Device = 1 << 8,
    Link = 1 << 9,
    Slot = 1 << 10,
    Root = 1 << 11,
    ErrorReporting = 1 << 12,
    Acs = 1 << 13,
    Ari = 1 << 14,
    SrIov = 1 << 15,
    Ats = 1 << 16,
    Pasid = 1 << 17,
    Ltr = 1 << 18,
    VendorSpecific = 1 << 19,
    /// <summary>The write reset the function's registers; everything that hangs on them is to be read anew.</summary>
    Reset = 1 << 20,
}
