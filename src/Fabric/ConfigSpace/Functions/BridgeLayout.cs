using PcieFabric.ConfigSpaces.Capabilities;
using PcieFabric.Input;

namespace PcieFabric.ConfigSpaces.Functions;

/// <summary>
/// A root port or switch port. It comes with Power Management, PCI Express, MSI, AER (in a root port with the root part) and,
/// where the type or the link calls for them, ACS, Secondary PCI Express and Subsystem ID.
/// </summary>
/// <example><code>
/// var rootPort = new BridgeLayout(PortType.RootPort, new FunctionIdentity(0x8086, 0x3420, BridgeLayout.ClassCode));
/// </code></example>
public sealed class BridgeLayout : FunctionLayout
{
    /// <summary>PCI-to-PCI bridge.</summary>
    public const uint ClassCode = 0x060400;

    /// <param name="capabilities">Besides its own, or in place of one of the same kind; made for this layout alone.</param>
    /// <param name="accessControl">A root port or downstream port without an ACS capability in <paramref name="capabilities"/> gets one with what isolation needs.</param>
    /// <exception cref="InputException">No such port can exist.</exception>
    public BridgeLayout(
        PortType type,
        FunctionIdentity identity,
        PciExpressOptions? express = null,
        IEnumerable<Capability>? capabilities = null,
        IEnumerable<BarDefinition>? bars = null,
        WindowKind ioWindow = WindowKind.Wide,
        WindowKind prefetchableWindow = WindowKind.Wide,
        bool accessControl = true)
        : base(
            new Type1Header(identity, bars ?? [], ioWindow, prefetchableWindow),
            [.. Assemble(identity, capabilities ?? [], type.IsBridge() ? new PciExpressCapability(type, express) : throw new InputException($"{type} is no bridge", "RootPort, UpstreamSwitchPort or DownstreamSwitchPort"), accessControl)])
    {
        Bridge = (Type1Header)Header;
    }

    /// <summary>The header, by its type.</summary>
    public Type1Header Bridge { get; }

    private static IEnumerable<Capability> Assemble(FunctionIdentity identity, IEnumerable<Capability> given, PciExpressCapability express, bool accessControl)
    {
        var own = given.ToArray();
        var type = express.Type;
        if (Lacks<PowerManagementCapability>()) yield return new PowerManagementCapability();
        yield return express;
        if (Lacks<MsiCapability>()) yield return new MsiCapability(perVectorMasking: false);
        if (identity.SubsystemVendorId != 0 && Lacks<SubsystemIdCapability>()) yield return new SubsystemIdCapability(identity.SubsystemVendorId, identity.SubsystemId);
        if (Lacks<AerCapability>()) yield return new AerCapability(type == PortType.RootPort);
        if (accessControl && type.IsDownstream() && Lacks<AcsCapability>()) yield return new AcsCapability();
        foreach (var capability in own) yield return capability;
        if (express.Options.MaxLinkSpeed >= 3) yield return new SecondaryPciExpressCapability(express.Options.MaxLinkWidth);

        bool Lacks<T>() => !own.OfType<T>().Any();
    }
}
