namespace PcieFabric.ConfigSpaces;

/// <summary>The resets that a function can suffer, each reaching further than the one before (PCIe 6.0 section 6.6).</summary>
public enum ResetKind : byte
{
    /// <summary>FLR: spares sticky fields and those that belong to the link that the functions share (section 6.6.2).</summary>
    FunctionLevel,

    /// <summary>Warm or hot reset: spares sticky fields (section 6.6.1).</summary>
    Conventional,

    /// <summary>Power comes back: spares only what the hardware brings with it (HwInit, the state of the link).</summary>
    Cold,
}
