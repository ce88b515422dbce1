namespace PcieFabric.Gateways;

/// <summary>What of a fabric is offered to the outside.</summary>
public enum AttachMode
{
    /// <summary>Every function by itself. Firmware of ours has enumerated the fabric, and the outside sees nothing of the way to a function.</summary>
    Functions,

    /// <summary>Every root complex as a whole, which whoever attaches to it enumerates.</summary>
    Hierarchy,
}
