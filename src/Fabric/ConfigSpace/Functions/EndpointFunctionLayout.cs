using PcieFabric.ConfigSpaces.Capabilities;
using PcieFabric.Input;

namespace PcieFabric.ConfigSpaces.Functions;

/// <summary>
/// A function of an endpoint. Power Management, PCI Express and, where a BAR or the link calls for them, Resizable BAR and
/// Secondary PCI Express come by themselves; interrupts, error reporting and everything else are for the caller to list.
/// </summary>
/// <example><code>
/// var nvme = new EndpointFunctionLayout(
///     new FunctionIdentity(0x1B36, 0x0010, 0x010802),
///     [BarDefinition.Memory64(0, 16384)],
///     [new MsiXCapability(32, tableBar: 0, tableOffset: 8192), new AerCapability()]);
/// var function0 = new ConfigSpace(nvme);
/// </code></example>
public sealed class EndpointFunctionLayout : FunctionLayout
{
    /// <param name="capabilities">Made for this layout alone.</param>
    /// <param name="type">An endpoint, a legacy endpoint or one integrated into the root complex.</param>
    /// <exception cref="InputException">No such function can exist.</exception>
    public EndpointFunctionLayout(
        FunctionIdentity identity,
        IEnumerable<BarDefinition>? bars = null,
        IEnumerable<Capability>? capabilities = null,
        PciExpressOptions? express = null,
        PortType type = PortType.Endpoint,
        ulong expansionRomSize = 0)
        : base(
            MakeHeader(identity, bars, expansionRomSize, out var header),
            [.. Assemble(header, capabilities ?? [], type.IsBridge() ? throw new InputException($"{type} is no endpoint", "Endpoint, LegacyEndpoint or RootComplexIntegratedEndpoint") : new PciExpressCapability(type, express))])
    {
        Ari = Find<AriCapability>();
        SrIov = Find<SrIovCapability>();
        SerialNumber = Find<DeviceSerialNumberCapability>();
        Ats = Find<AtsCapability>();
        Pasid = Find<PasidCapability>();
    }

    private EndpointFunctionLayout(EndpointFunctionLayout physical, SrIovOptions options, PciExpressOptions express, IEnumerable<Capability> capabilities)
        : base(
            new Type0Header(physical.Header.Identity with { DeviceId = options.VfDeviceId }, [], isVirtual: true),
            [.. Assemble(capabilities, new PciExpressCapability(physical.Express.Type, express))],
            options.VfBars)
    {
        Ari = Find<AriCapability>();
        SerialNumber = Find<DeviceSerialNumberCapability>();
        Ats = Find<AtsCapability>();
        if (Aer is not null && physical.Aer is null) throw new InputException("a virtual function has AER, and its physical function has not", "give it to both");
    }

    /// <summary>
    /// A virtual function of a physical one (PCIe 6.0 section 9.3): no BARs of its own, ids that no scan finds, and of the controls only those that concern it
    /// alone. What it decodes, and with which limits it sends, the physical function's registers say.
    /// </summary>
    /// <param name="capabilities">Besides Power Management and PCI Express; made for this layout alone.</param>
    /// <exception cref="InputException">No such function can exist.</exception>
    public static EndpointFunctionLayout VirtualOf(EndpointFunctionLayout physical, IEnumerable<Capability> capabilities) => new(
        physical,
        physical.SrIov?.Options ?? throw new InvalidOperationException($"Invariant: {physical.Header.Identity} has SR-IOV"),
        physical.Express.Options with { IsVirtual = true, TenBitTagRequester = false },
        capabilities);

    /// <summary>A virtual function's.</summary>
    public bool IsVirtual => Express.Options.IsVirtual;

    public AriCapability? Ari { get; }
    public SrIovCapability? SrIov { get; }
    public DeviceSerialNumberCapability? SerialNumber { get; }
    public AtsCapability? Ats { get; }
    public PasidCapability? Pasid { get; }

    private static Type0Header MakeHeader(FunctionIdentity identity, IEnumerable<BarDefinition>? bars, ulong expansionRomSize, out Type0Header header) =>
        header = new Type0Header(identity, bars ?? [], expansionRomSize);

    private static IEnumerable<Capability> Assemble(IEnumerable<Capability> given, PciExpressCapability express)
    {
        var own = given.ToArray();
        if (!own.OfType<PowerManagementCapability>().Any()) yield return new PowerManagementCapability();
        yield return express;
        foreach (var capability in own) yield return capability;
    }

    private static IEnumerable<Capability> Assemble(Type0Header header, IEnumerable<Capability> given, PciExpressCapability express)
    {
        foreach (var capability in Assemble(given, express)) yield return capability;
        if (header.Bars.Any(b => b.Definition.ResizableSizes != 0)) yield return new ResizableBarCapability(header);
        if (express.Link is not null && express.Options.MaxLinkSpeed >= 3) yield return new SecondaryPciExpressCapability(express.Options.MaxLinkWidth);
    }
}
