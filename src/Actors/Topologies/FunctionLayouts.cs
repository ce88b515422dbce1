using PcieFabric.ConfigSpaces;
using PcieFabric.ConfigSpaces.Capabilities;
using PcieFabric.ConfigSpaces.Functions;
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
    public static EndpointFunctionLayout CreateLayout(this FunctionDefinition function, LinkSettings link, bool ari) => new(
        new FunctionIdentity(
            function.VendorId, function.DeviceId, (uint)function.ClassCode, function.RevisionId,
            function.Subsystem?.VendorId ?? function.VendorId, function.Subsystem?.DeviceId ?? function.DeviceId),
        function.Bars,
        Capabilities(function, ari),
        new PciExpressOptions
        {
            MaxLinkSpeed = link.Generation.Number,
            MaxLinkWidth = link.Width.Lanes,
            MaxPayloadSizeSupported = link.MaxPayloadSize,
            TenBitTagRequester = true,
            LatencyToleranceReporting = function.Capabilities.Ltr,
            EndEndTlpPrefixes = function.Capabilities.Pasid is not null,
        },
        // Only a legacy endpoint may need I/O space (PCIe 6.0 section 1.3.2).
        function.Bars.Any(bar => bar.Kind == BarKind.Io) ? PortType.LegacyEndpoint : PortType.Endpoint,
        (ulong)function.RomBytes);

    /// <summary>Sets in the space of one function what its definition gives and the layout leaves to hardware: interrupt pin and serial number.</summary>
    public static void Initialize(this FunctionDefinition function, EndpointFunctionLayout layout, ConfigSpace space)
    {
        space[layout.Header.InterruptPin] = (uint)function.InterruptPin;
        if (function.Capabilities.SerialNumber is { } serialNumber)
            layout.SerialNumber!.SetSerialNumber(space, serialNumber);
    }

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
