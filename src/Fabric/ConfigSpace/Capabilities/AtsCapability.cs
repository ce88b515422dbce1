using PcieFabric.Input;

namespace PcieFabric.ConfigSpaces.Capabilities;

/// <summary>Address Translation Services (PCIe 6.0 section 10.5.1).</summary>
public sealed class AtsCapability : ExtendedCapability
{
    private readonly RegisterField _smallestUnit;

    /// <param name="invalidateQueueDepth">Invalidate Requests that the function takes before it pushes back: 1 to 32.</param>
    /// <exception cref="InputException">No such depth.</exception>
    public AtsCapability(int invalidateQueueDepth = 32, bool globalInvalidate = false)
        : base("Address Translation Services", ExtendedCapabilityId.AddressTranslationServices, 1)
    {
        if (invalidateQueueDepth is < 1 or > 32) throw new InputException($"an ATS invalidate queue of {invalidateQueueDepth} cannot be expressed", "1 to 32");
        var capability = Word(0x04, "ATS Capability");
        // Five bits: zero stands for 32.
        capability.Field(4, 0, "Invalidate Queue Depth", Access.ReadOnly, (uint)invalidateQueueDepth & 31);
        capability.Flag(5, "Page Aligned Request", Access.ReadOnly, true);
        capability.Flag(6, "Global Invalidate Supported", Access.ReadOnly, globalInvalidate);
        var control = Word(0x06, "ATS Control", Concerns.Ats);
        _smallestUnit = control.Field(4, 0, "Smallest Translation Unit", Access.ReadWrite);
        Enable = control.Flag(15, "Enable", Access.ReadWrite);
    }

    public Flag Enable { get; }

    /// <summary>In bytes: at least 4096.</summary>
    public ulong SmallestTranslationUnitBytes(ConfigSpace space) => 4096ul << (int)space[_smallestUnit];
}
