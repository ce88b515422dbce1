using PcieFabric.Input;

namespace PcieFabric.ConfigSpaces.Capabilities;

/// <summary>Access controls, at the bits that they have in both ACS registers (PCIe 6.0 section 7.7.11).</summary>
[Flags]
public enum AcsControls : byte
{
    None = 0,
    SourceValidation = 1 << 0,
    TranslationBlocking = 1 << 1,
    PeerRequestRedirect = 1 << 2,
    PeerCompletionRedirect = 1 << 3,
    UpstreamForwarding = 1 << 4,
    PeerEgressControl = 1 << 5,
    DirectTranslatedPeer = 1 << 6,

    /// <summary>What a root port or a downstream switch port must implement (section 6.12.1.1), and all that isolation needs.</summary>
    Isolation = SourceValidation | TranslationBlocking | PeerRequestRedirect | PeerCompletionRedirect | UpstreamForwarding,
    All = Isolation | PeerEgressControl | DirectTranslatedPeer,
}

/// <summary>Access Control Services: what a port or function does to requests between peers (PCIe 6.0 section 7.7.11).</summary>
public sealed class AcsCapability : ExtendedCapability
{
    private const int MaxEgressPorts = 256;

    private readonly (AcsControls Control, Flag Flag)[] _enables;
    private readonly RegisterField[] _egressVector;

    /// <param name="supported">A multi-function endpoint has no use for source validation and translation blocking (section 6.12.1.2).</param>
    /// <param name="egressPorts">Ports or functions that Egress Control can tell apart: 1 to 256; ignored without it.</param>
    /// <exception cref="InputException">No such number of ports.</exception>
    public AcsCapability(AcsControls supported = AcsControls.Isolation, int egressPorts = 32)
        : base("Access Control Services", ExtendedCapabilityId.AccessControlServices, 1)
    {
        if (egressPorts is < 1 or > MaxEgressPorts) throw new InputException($"ACS cannot tell {egressPorts} ports apart", $"1 to {MaxEgressPorts}");
        Supported = supported;
        var hasEgress = supported.HasFlag(AcsControls.PeerEgressControl);
        var capability = Word(0x04, "ACS Capability");
        var control = Word(0x06, "ACS Control", Concerns.Acs);
        var enables = new List<(AcsControls, Flag)>();
        for (var bit = 0; bit <= 6; bit++)
        {
            var one = (AcsControls)(1 << bit);
            capability.Flag(bit, $"{one}", Access.ReadOnly, supported.HasFlag(one));
            if (supported.HasFlag(one)) enables.Add((one, control.Flag(bit, $"{one} Enable", Access.ReadWrite)));
        }
        _enables = [.. enables];
        capability.Field(15, 8, "Egress Control Vector Size", Access.ReadOnly, hasEgress ? (uint)egressPorts & 0xFF : 0);
        _egressVector = hasEgress
            ? [.. Enumerable.Range(0, (egressPorts + 31) / 32).Select(i => Dword(0x08 + 4 * i, $"Egress Control Vector {i}", Concerns.Acs).Whole(Access.ReadWrite))]
            : [];
    }

    public AcsControls Supported { get; }

    public AcsControls Enabled(ConfigSpace space)
    {
        var enabled = AcsControls.None;
        foreach (var (control, flag) in _enables)
            if (space[flag]) enabled |= control;
        return enabled;
    }

    /// <summary>With Egress Control on: a peer request for the port or function is not to go there directly (section 6.12.3).</summary>
    public bool BlocksEgress(ConfigSpace space, int port) =>
        port >> 5 < _egressVector.Length && (space[_egressVector[port >> 5]] >> (port & 31) & 1) != 0;
}
