using PcieFabric.RootComplexes.Enumeration;

namespace PcieFabric.RootComplexes.PeerToPeer;

/// <summary>Host software's side of ACS: reads and writes the registers of PCIe 6.0 section 7.7.11, function by function.</summary>
public sealed class AccessControlSetup(IConfigurationAccess access)
{
    private const int ControlAndCapability = 4;
    private const int EgressVector = 8;
    private const byte ControlBytes = 0b1100;

    private const AcsControls Isolation =
        AcsControls.SourceValidation | AcsControls.PeerRequestRedirect | AcsControls.PeerCompletionRedirect | AcsControls.UpstreamForwarding;

    /// <returns>None where the function has no ACS capability.</returns>
    public async ValueTask<AcsControls> SupportedAsync(EnumeratedFunction function) =>
        Find(function) is { } offset ? (AcsControls)(await access.ReadAsync(function.Bdf, offset + ControlAndCapability) & 0x7F) : AcsControls.None;

    /// <inheritdoc cref="SupportedAsync"/>
    public async ValueTask<AcsControls> EnabledAsync(EnumeratedFunction function) =>
        Find(function) is { } offset ? (AcsControls)(await access.ReadAsync(function.Bdf, offset + ControlAndCapability) >> 16 & 0x7F) : AcsControls.None;

    /// <summary>Enables these controls and no others. What the function lacks stays off.</summary>
    public async ValueTask EnableAsync(EnumeratedFunction function, AcsControls controls)
    {
        if (Find(function) is { } offset) await access.WriteAsync(function.Bdf, offset + ControlAndCapability, (uint)controls << 16, ControlBytes);
    }

    /// <summary>Says which peers P2P Egress Control keeps requests from: port numbers, or function numbers within a device.</summary>
    public async ValueTask SetEgressVectorAsync(EnumeratedFunction function, params IReadOnlyList<int> blocked)
    {
        if (Find(function) is not { } offset) return;
        var capability = await access.ReadAsync(function.Bdf, offset + ControlAndCapability);
        if (((AcsControls)capability & AcsControls.PeerEgressControl) == 0) return;
        // A size of zero means 256 (section 7.7.11.2).
        var bits = (capability >> 8 & 0xFF) is var size && size == 0 ? 256 : (int)size;
        for (var first = 0; first < bits; first += 32)
        {
            var vector = 0u;
            foreach (var peer in blocked)
                if (peer >> 5 == first >> 5)
                    vector |= 1u << (peer & 31);
            await access.WriteAsync(function.Bdf, offset + EgressVector + first / 8, vector);
        }
    }

    /// <summary>What Linux does for isolation (pci_std_enable_acs): Source Validation, both redirections and Upstream Forwarding, wherever they are supported.</summary>
    /// <param name="blockTranslated">Also Translation Blocking, as where ATS is off or devices are not trusted.</param>
    public async ValueTask EnableIsolationAsync(EnumeratedHierarchy hierarchy, bool blockTranslated = false)
    {
        var wanted = blockTranslated ? Isolation | AcsControls.TranslationBlocking : Isolation;
        foreach (var function in hierarchy.Functions)
            await EnableAsync(function, await EnabledAsync(function) | (wanted & await SupportedAsync(function)));
    }

    /// <summary>What Linux does at <c>pci=disable_acs_redir</c> for the function.</summary>
    public async ValueTask DisableRedirectAsync(EnumeratedFunction function) =>
        await EnableAsync(function, await EnabledAsync(function) & ~(AcsControls.PeerRequestRedirect | AcsControls.PeerCompletionRedirect | AcsControls.PeerEgressControl));

    private static int? Find(EnumeratedFunction function) => function.FindExtendedCapability(ExtendedCapabilityId.AccessControlServices);
}
