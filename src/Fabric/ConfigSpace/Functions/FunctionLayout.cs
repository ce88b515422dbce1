using PcieFabric.ConfigSpaces.Capabilities;

namespace PcieFabric.ConfigSpaces.Functions;

/// <summary>The layout of a PCI Express function: the capabilities that each has, and handles to those that its owner asks for all the time.</summary>
public abstract class FunctionLayout : ConfigSpaceLayout
{
    /// <param name="bars">Where they are not the header's.</param>
    private protected FunctionLayout(Header header, IReadOnlyList<Capability> capabilities, IEnumerable<BarDefinition>? bars = null)
        : base(header, capabilities)
    {
        Express = Find<PciExpressCapability>()!;
        PowerManagement = Find<PowerManagementCapability>()!;
        Msi = Find<MsiCapability>();
        MsiX = Find<MsiXCapability>();
        Aer = Find<AerCapability>();
        Acs = Find<AcsCapability>();
        MsiX?.Validate(bars ?? header.Bars.Select(bar => bar.Definition));
        Errors = new ErrorSignaling(header, Express.Device, Aer);
    }

    public PciExpressCapability Express { get; }
    public PowerManagementCapability PowerManagement { get; }
    public MsiCapability? Msi { get; }
    public MsiXCapability? MsiX { get; }
    public AerCapability? Aer { get; }
    public AcsCapability? Acs { get; }

    /// <summary>What the function does with errors that it finds.</summary>
    public ErrorSignaling Errors { get; }

    /// <summary>In D0. A function that is not answers configuration requests only (PCIe 6.0 section 5.3.1.4.1).</summary>
    public bool IsOn(ConfigSpace space) => PowerManagement.State(space) == PowerState.D0;

    /// <summary>The function may send memory requests, MSI and MSI-X among them.</summary>
    public bool MayInitiate(ConfigSpace space) => space[Header.Command.BusMasterEnable] && IsOn(space);

    /// <summary>The function holds its INTx asserted: one is pending, and software has neither disabled it nor chosen MSI or MSI-X.</summary>
    public bool AssertsIntx(ConfigSpace space) =>
        space[Header.Status.InterruptStatus]
        && !space[Header.Command.InterruptDisable]
        && !(Msi is { } msi && space[msi.Enable])
        && !(MsiX is { } msiX && space[msiX.Enable]);

    /// <summary>The write asks for a Function Level Reset, which its owner carries out.</summary>
    public bool StartsFunctionLevelReset(ConfigWriteEffect effect) =>
        Express.Device.InitiateFunctionLevelReset is { } initiate && effect.Starts(initiate);
}
