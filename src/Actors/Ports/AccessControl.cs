using System.Runtime.InteropServices;
using PcieFabric.ConfigSpaces;

namespace PcieFabric.Ports;

/// <summary>
/// What a port's or function's ACS registers ask for, read once when they are written (PCIe 6.0 section 6.12). Zero, the value of every
/// port whose software enabled nothing, controls nothing.
/// </summary>
/// <remarks>Also the body of <see cref="Engine.MessageKind.AccessControl"/>: a root port's requests meet their peers in the root complex only.</remarks>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct AccessControl
{
    private readonly ulong _egress0, _egress1, _egress2, _egress3;

    private AccessControl(AcsControls enabled, ReadOnlySpan<ulong> egressVector)
    {
        Enabled = enabled;
        (_egress0, _egress1, _egress2, _egress3) = (egressVector[0], egressVector[1], egressVector[2], egressVector[3]);
    }

    public AcsControls Enabled { get; }

    public bool IsOff => Enabled == AcsControls.None;

    /// <summary>A TLP from below that is for below goes up to the root complex instead of being an error.</summary>
    public bool ForwardsUpstream => (Enabled & AcsControls.UpstreamForwarding) != 0;

    public static AccessControl Of(AcsCapability? capability, ConfigSpace space)
    {
        if (capability is null || capability.Enabled(space) is var enabled && enabled == AcsControls.None) return default;
        Span<ulong> vector = stackalloc ulong[4];
        for (var port = 0; port < 256; port++)
            if (capability.BlocksEgress(space, port))
                vector[port >> 6] |= 1ul << (port & 63);
        return new AccessControl(enabled, vector);
    }

    /// <summary>Source Validation and Translation Blocking (sections 6.12.1.1): whether the port may take the request at all. They come before all other controls.</summary>
    /// <param name="claimed">What the port claims for its far side.</param>
    public bool Admits(ref readonly Tlp request, in Route claimed)
    {
        if ((Enabled & AcsControls.SourceValidation) != 0 && !claimed.ClaimsBus(request.Requester.Bus)) return false;
        return (Enabled & AcsControls.TranslationBlocking) == 0 || !request.IsMemoryRequest || request.AddressType == AddressType.Untranslated;
    }

    /// <summary>The way of a request whose target is a peer: the table of section 6.12.3, and Direct Translated P2P above it.</summary>
    /// <param name="egress">Port number of the peer, or function number within a device.</param>
    public PeerRouting RouteRequest(ref readonly Tlp request, int egress)
    {
        if ((Enabled & AcsControls.DirectTranslatedPeer) != 0 && request.IsMemoryRequest && request.AddressType == AddressType.Translated) return PeerRouting.Direct;
        var redirects = (Enabled & AcsControls.PeerRequestRedirect) != 0;
        if ((Enabled & AcsControls.PeerEgressControl) == 0) return redirects ? PeerRouting.Redirected : PeerRouting.Direct;
        if (!IsInVector(egress)) return PeerRouting.Direct;
        return redirects ? PeerRouting.Redirected : PeerRouting.Violation;
    }

    /// <summary>The way of a completion whose requester is a peer: only those without Relaxed Ordering follow redirected requests (section 6.12.1.1).</summary>
    public PeerRouting RouteCompletion(ref readonly Tlp completion) =>
        (Enabled & AcsControls.PeerCompletionRedirect) != 0 && !completion.RelaxedOrdering ? PeerRouting.Redirected : PeerRouting.Direct;

    private bool IsInVector(int egress)
    {
        var word = (egress >> 6) switch
        {
            0 => _egress0,
            1 => _egress1,
            2 => _egress2,
            3 => _egress3,
            _ => 0ul,
        };
        return (word >> (egress & 63) & 1) != 0;
    }
}
