using PcieFabric.ConfigSpaces;

namespace PcieFabric.RootComplexes.Enumeration;

/// <summary>What enumeration knows of a bridge's registers (PCIe 6.0 section 7.5.1.3).</summary>
internal sealed class BridgeRegisters
{
    private readonly AddressRequest?[] _windows = new AddressRequest?[3];

    public required WindowKind IoWindow { get; init; }
    public required WindowKind PrefetchableWindow { get; init; }

    /// <summary>Bridge Control as the function holds it.</summary>
    public required ushort Control { get; init; }

    public int SecondaryBus { get; set; }
    public int SubordinateBus { get; set; }

    /// <summary>Null is a window with nothing inside, which is closed.</summary>
    public AddressRequest? this[AddressSpace space]
    {
        get => _windows[(int)space];
        set => _windows[(int)space] = value;
    }

    public AddressRange Range(AddressSpace space) => this[space]?.Range ?? AddressRange.Empty;
}
