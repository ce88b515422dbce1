using PcieFabric.ConfigSpaces;
using PcieFabric.ConfigSpaces.Capabilities;
using PcieFabric.ConfigSpaces.Functions;
using PcieFabric.Input;
using PcieFabric.Links;

namespace PcieFabric.Topologies;

/// <summary>
/// The configuration space of a function as its definition has it. One layout serves all functions of a kind in all
/// endpoints that agree on link and ARI; whoever builds a fabric keeps it.
/// </summary>
public static class FunctionLayouts
{
    /// <param name="function">What to lay out.</param>
    /// <param name="link">The endpoint's link: what it trained to is also the most that it can.</param>
    /// <param name="ari">The endpoint has ARI.</param>
    /// <exception cref="InputException">No such function can exist, for instance because its capabilities have no room; it points at the function.</exception>
    public static EndpointFunctionLayout CreateLayout(this FunctionDefinition function, LinkSettings link, bool ari)
    {
        try
        {
            return new EndpointFunctionLayout(
                new FunctionIdentity(
                    function.VendorId, function.DeviceId, (uint)function.ClassCode, function.RevisionId,
                    function.Subsystem?.VendorId ?? function.VendorId, function.Subsystem?.DeviceId ?? function.DeviceId),
                function.Bars,
                Capabilities(function, ari),
                Express(link) with
                {
                    TenBitTagRequester = true,
                    Atomics = AtomicSupport.Completer32 | AtomicSupport.Completer64 | AtomicSupport.Completer128,
                    LatencyToleranceReporting = function.Capabilities.Ltr,
                    EndEndTlpPrefixes = function.Capabilities.Pasid is not null,
                },
                // Only a legacy endpoint may need I/O space (PCIe 6.0 section 1.3.2).
                function.Bars.Any(bar => bar.Kind == BarKind.Io) ? PortType.LegacyEndpoint : PortType.Endpoint,
                (ulong)function.RomBytes);
        }
        catch (InputException wrong)
        {
            throw new InputException($"function '{function.Name}' cannot exist: {wrong.Message}", wrong.Hint, function.Source, wrong);
        }
    }

    /// <summary>Sets in the space of one function what the layout leaves to hardware.</summary>
    /// <param name="endpoint">Whose function it is.</param>
    /// <param name="number">Of the function.</param>
    /// <param name="space">Of the layout that <see cref="CreateLayout"/> made for the function.</param>
    /// <param name="ordinal">Of the endpoint in its fabric: added to serial numbers.</param>
    public static void Initialize(this EndpointDefinition endpoint, int number, ConfigSpace space, ulong ordinal)
    {
        var layout = (EndpointFunctionLayout)space.Layout;
        var function = endpoint.Functions[number];
        var count = endpoint.Functions.Count;
        space[layout.Header.MultiFunction] = count > 1 && !endpoint.Ari;
        space[layout.Header.InterruptPin] = (uint)function.InterruptPin;
        if (layout.Ari is { } ari)
            space[ari.NextFunction] = number + 1 < count ? (uint)number + 1 : 0;
        // All functions of a device bear the same number, and no two devices do (PCIe 6.0 section 7.9.3).
        if (function.Capabilities.SerialNumber is { } serialNumber)
            layout.SerialNumber!.SetSerialNumber(space, serialNumber + ordinal);
    }

    /// <summary>What every function on the link says of it.</summary>
    internal static PciExpressOptions Express(LinkSettings link) => new()
    {
        MaxLinkSpeed = link.Generation.Number,
        MaxLinkWidth = link.Width.Lanes,
        MaxPayloadSizeSupported = link.MaxPayloadSize,
    };

    private static IEnumerable<Capability> Capabilities(FunctionDefinition function, bool ari)
    {
        var given = function.Capabilities;
        yield return new PowerManagementCapability(given.NoSoftReset);
        if (given.Msi is { } msi)
            yield return new MsiCapability(msi.Vectors, perVectorMasking: msi.Masking);
        if (given.Msix is { } msix)
            yield return new MsiXCapability(msix.Vectors, msix.Bar, msix.TableOffset, msix.PbaOffset);
        foreach (var vendor in given.VendorSpecific)
            yield return new VendorSpecificCapability(vendor.Tag, [.. vendor.Body]);
        if (given.Aer)
            yield return new AerCapability();
        if (given.Acs != AcsControls.None)
            yield return new AcsCapability(given.Acs);
        if (ari)
            yield return new AriCapability();
        if (given.SerialNumber is not null)
            yield return new DeviceSerialNumberCapability();
        if (given.SrIov is { } sriov)
            yield return new SrIovCapability(sriov);
        if (given.Ats is { } ats)
            yield return new AtsCapability(ats.InvalidateQueueDepth, ats.GlobalInvalidate);
        if (given.Pasid is { } pasid)
            yield return new PasidCapability(pasid.Width, pasid.Execute, pasid.Privileged);
        if (given.Ltr)
            yield return new LtrCapability();
        foreach (var dvsec in given.Dvsecs)
            yield return new DvsecCapability(dvsec.VendorId, dvsec.Id, dvsec.Revision, [.. dvsec.Body]);
    }
}
