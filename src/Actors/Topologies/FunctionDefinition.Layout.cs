using PcieFabric.ConfigSpaces;
using PcieFabric.ConfigSpaces.Capabilities;
using PcieFabric.ConfigSpaces.Functions;
using PcieFabric.Input;
using PcieFabric.Links;

namespace PcieFabric.Topologies;

public sealed partial record FunctionDefinition
{
    /// <summary>
    /// The configuration space that this definition describes. One layout serves all functions of the kind in all endpoints that agree on
    /// link and ARI; what differs between functions (serial number, interrupt pin, next function) is set in each one's space.
    /// </summary>
    /// <param name="link">The endpoint's link: what it trained to is also the most that it can.</param>
    /// <param name="ari">The endpoint has ARI.</param>
    /// <exception cref="InputException">Such a function cannot exist, for instance because its capabilities need more room than there is.</exception>
    public EndpointFunctionLayout CreateLayout(LinkSettings link, bool ari)
    {
        try
        {
            return new EndpointFunctionLayout(
                new FunctionIdentity(VendorId, DeviceId, (uint)ClassCode, RevisionId, Subsystem?.VendorId ?? VendorId, Subsystem?.DeviceId ?? DeviceId),
                Bars,
                CreateCapabilities(Capabilities, ari, isVirtual: false),
                new PciExpressOptions
                {
                    MaxLinkSpeed = link.Generation.Number,
                    MaxLinkWidth = link.Width.Lanes,
                    MaxPayloadSizeSupported = link.MaxPayloadSize,
                    TenBitTagRequester = true,
                    LatencyToleranceReporting = Capabilities.Ltr,
                    EndEndTlpPrefixes = Capabilities.Pasid is not null,
                    Atomics = AtomicSupport.Completer32 | AtomicSupport.Completer64 | AtomicSupport.Completer128,
                },
                // Only a legacy endpoint may need I/O space (PCIe 6.0 section 1.3.2).
                Bars.Any(bar => bar.Kind == BarKind.Io) ? PortType.LegacyEndpoint : PortType.Endpoint,
                (ulong)RomBytes);
        }
        catch (InputException wrong) when (wrong.Location is null)
        {
            throw new InputException($"function '{Name}' cannot exist: {wrong.Message}", wrong.Hint, Source, wrong);
        }
    }

    /// <summary>The configuration space of each of its virtual functions.</summary>
    /// <param name="physical">As <see cref="CreateLayout"/> made it.</param>
    /// <inheritdoc cref="CreateLayout"/>
    public EndpointFunctionLayout CreateVirtualLayout(EndpointFunctionLayout physical, bool ari)
    {
        try
        {
            return EndpointFunctionLayout.VirtualOf(physical, CreateCapabilities(Capabilities.SrIov!.Capabilities, ari, isVirtual: true));
        }
        catch (InputException wrong) when (wrong.Location is null)
        {
            throw new InputException($"virtual functions of '{Name}' cannot exist: {wrong.Message}", wrong.Hint, Source, wrong);
        }
    }

    private static IEnumerable<Capability> CreateCapabilities(CapabilitiesDefinition given, bool ari, bool isVirtual)
    {
        yield return new PowerManagementCapability(given.NoSoftReset);
        if (given.Msi is { } msi)
            yield return new MsiCapability(msi.Vectors, perVectorMasking: msi.Masking);
        if (given.Msix is { } msix)
            yield return new MsiXCapability(msix.Vectors, msix.Bar, msix.TableOffset, msix.PbaOffset);
        foreach (var vendor in given.VendorSpecific)
            yield return new VendorSpecificCapability(vendor.Tag, [.. vendor.Body]);
        if (given.Aer)
            yield return new AerCapability(isVirtual: isVirtual);
        if (given.Acs != AcsControls.None)
            yield return new AcsCapability(given.Acs);
        if (ari)
            yield return new AriCapability();
        if (given.SerialNumber is not null)
            yield return new DeviceSerialNumberCapability();
        if (given.SrIov is { } sriov)
            yield return new SrIovCapability(sriov.Options);
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
