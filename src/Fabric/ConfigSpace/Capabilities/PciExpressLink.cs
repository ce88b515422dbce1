namespace PcieFabric.ConfigSpaces.Capabilities;

/// <summary>Link Capabilities, Control and Status, and their second set (PCIe 6.0 sections 7.5.3.6 to 7.5.3.8, 7.5.3.18 to 7.5.3.20).</summary>
public sealed class PciExpressLink
{
    private readonly RegisterField _supportedSpeeds;

    internal PciExpressLink(PciExpressCapability block)
    {
        var options = block.Options;
        var downstream = block.Type.IsDownstream();
        // Each link has speed, width and port number of its own, while all the ports of a kind share the rest.
        var capabilities = block.Dword(0x0C, "Link Capabilities");
        MaxSpeed = capabilities.Field(3, 0, "Max Link Speed", Access.HardwareInitialized, (uint)options.MaxLinkSpeed);
        MaxWidth = capabilities.Field(9, 4, "Maximum Link Width", Access.HardwareInitialized, (uint)options.MaxLinkWidth);
        capabilities.Field(11, 10, "Active State Power Management Support", Access.ReadOnly);
        capabilities.Flag(20, "Data Link Layer Link Active Reporting Capable", Access.ReadOnly, downstream);
        capabilities.Flag(21, "Link Bandwidth Notification Capability", Access.ReadOnly, downstream);
        capabilities.Flag(22, "ASPM Optionality Compliance", Access.ReadOnly, true);
        PortNumber = capabilities.Field(31, 24, "Port Number", Access.HardwareInitialized);

        // The link outlives the reset of one of its functions (PCIe 6.0 section 6.6.2).
        const ResetKind Flr = ResetKind.FunctionLevel;
        var control = block.Word(0x10, "Link Control", Concerns.Link);
        AspmControl = control.Field(1, 0, "Active State Power Management Control", Own(Access.ReadWrite), survives: Flr);
        // A root port says what it does; everyone else is told (PCIe 6.0 section 7.5.3.7).
        ReadCompletionBoundary = block.Type switch
        {
            PortType.RootPort => control.Flag(3, "Read Completion Boundary", Access.HardwareInitialized),
            PortType.UpstreamSwitchPort or PortType.DownstreamSwitchPort => control.Flag(3, "Read Completion Boundary", Access.ReadOnly),
            _ => control.Flag(3, "Read Completion Boundary", Own(Access.ReadWrite), survives: Flr),
        };
        if (downstream)
        {
            LinkDisable = control.Flag(4, "Link Disable", Access.ReadWrite);
            RetrainLink = control.Flag(5, "Retrain Link", Access.Trigger);
        }
        CommonClockConfiguration = control.Flag(6, "Common Clock Configuration", Own(Access.ReadWrite), survives: Flr);
        ExtendedSynch = control.Flag(7, "Extended Synch", Own(Access.ReadWrite), survives: Flr);
        HardwareAutonomousWidthDisable = control.Flag(9, "Hardware Autonomous Width Disable", Own(Access.ReadWrite), survives: Flr);
        if (downstream)
        {
            BandwidthManagementInterruptEnable = control.Flag(10, "Link Bandwidth Management Interrupt Enable", Access.ReadWrite);
            AutonomousBandwidthInterruptEnable = control.Flag(11, "Link Autonomous Bandwidth Interrupt Enable", Access.ReadWrite);
        }

        // What the link is at the moment is the link's to say, and no reset of registers changes it.
        const ResetKind All = ResetKind.Cold;
        var status = block.Word(0x12, "Link Status");
        CurrentSpeed = status.Field(3, 0, "Current Link Speed", Own(Access.Status), options.IsVirtual ? 0u : 1, survives: All);
        NegotiatedWidth = status.Field(9, 4, "Negotiated Link Width", Own(Access.Status), options.IsVirtual ? 0u : 1, survives: All);
        if (downstream) Training = status.Flag(11, "Link Training", Access.Status, survives: All);
        status.Flag(12, "Slot Clock Configuration", Access.ReadOnly, !options.IsVirtual);
        if (downstream)
        {
            DataLinkLayerActive = status.Flag(13, "Data Link Layer Link Active", Access.Status, survives: All);
            BandwidthManagementStatus = status.Flag(14, "Link Bandwidth Management Status", Access.WriteOneToClear);
            AutonomousBandwidthStatus = status.Flag(15, "Link Autonomous Bandwidth Status", Access.WriteOneToClear);
        }

        var capabilities2 = block.Dword(0x2C, "Link Capabilities 2");
        _supportedSpeeds = capabilities2.Field(7, 1, "Supported Link Speeds Vector", Access.HardwareInitialized, SpeedsUpTo(options.MaxLinkSpeed));
        var control2 = block.Word(0x30, "Link Control 2", Concerns.Link);
        TargetSpeed = control2.Field(3, 0, "Target Link Speed", Own(Access.ReadWriteSticky), options.IsVirtual ? 0 : (uint)options.MaxLinkSpeed);
        control2.Flag(4, "Enter Compliance", Own(Access.ReadWriteSticky));
        control2.Flag(5, "Hardware Autonomous Speed Disable", Own(Access.ReadWriteSticky));
        control2.Field(9, 7, "Transmit Margin", Own(Access.ReadWriteSticky));
        control2.Flag(10, "Enter Modified Compliance", Own(Access.ReadWriteSticky));
        control2.Flag(11, "Compliance SOS", Own(Access.ReadWriteSticky));
        control2.Field(15, 12, "Compliance Preset/De-emphasis", Own(Access.ReadWriteSticky));
        var status2 = block.Word(0x32, "Link Status 2");
        EqualizationComplete = status2.Flag(1, "Equalization 8.0 GT/s Complete", Own(Access.StatusSticky));
        EqualizationPhases = status2.Field(4, 2, "Equalization 8.0 GT/s Phases 1 to 3 Successful", Own(Access.StatusSticky));
        EqualizationRequest = status2.Flag(5, "Link Equalization Request 8.0 GT/s", Own(Access.WriteOneToClearSticky));

        // The physical function controls the link, and shows what it does (section 9.3.5).
        Access Own(Access access) => options.IsVirtual ? Access.ReadOnly : access;
    }

    public RegisterField MaxSpeed { get; }
    public RegisterField MaxWidth { get; }
    public RegisterField PortNumber { get; }
    public RegisterField AspmControl { get; }

    /// <summary>Clear for 64 bytes, set for 128.</summary>
    public Flag ReadCompletionBoundary { get; }

    /// <summary>Downstream ports only, as are the other fields that can be null.</summary>
    public Flag? LinkDisable { get; }

    public Flag? RetrainLink { get; }
    public Flag CommonClockConfiguration { get; }
    public Flag ExtendedSynch { get; }
    public Flag HardwareAutonomousWidthDisable { get; }
    public Flag? BandwidthManagementInterruptEnable { get; }
    public Flag? AutonomousBandwidthInterruptEnable { get; }
    public RegisterField CurrentSpeed { get; }
    public RegisterField NegotiatedWidth { get; }
    public Flag? Training { get; }
    public Flag? DataLinkLayerActive { get; }
    public Flag? BandwidthManagementStatus { get; }
    public Flag? AutonomousBandwidthStatus { get; }
    public RegisterField TargetSpeed { get; }
    public Flag EqualizationComplete { get; }

    /// <summary>Bit 0 for phase 1 to bit 2 for phase 3.</summary>
    public RegisterField EqualizationPhases { get; }

    public Flag EqualizationRequest { get; }

    /// <summary>This port can do less than its layout says. To be said again after a cold reset, which takes Target Link Speed back.</summary>
    public void Limit(ConfigSpace space, int maxSpeed, int maxWidth)
    {
        space[MaxSpeed] = (uint)maxSpeed;
        space[MaxWidth] = (uint)maxWidth;
        space[_supportedSpeeds] = SpeedsUpTo(maxSpeed);
        space[TargetSpeed] = (uint)maxSpeed;
    }

    /// <summary>The link came up, or changed its rate: sets what Link Status shows of it.</summary>
    public void SetUp(ConfigSpace space, int speed, int width)
    {
        space[CurrentSpeed] = (uint)speed;
        space[NegotiatedWidth] = (uint)width;
        space[EqualizationComplete] = speed >= 3;
        space[EqualizationPhases] = speed >= 3 ? 7u : 0;
        SetActive(space, true);
    }

    /// <summary>Data Link Layer Link Active, where the port reports it.</summary>
    public void SetActive(ConfigSpace space, bool active)
    {
        if (DataLinkLayerActive is { } flag) space[flag] = active;
    }

    /// <summary>In bytes: 64 or 128.</summary>
    public int ReadCompletionBoundaryBytes(ConfigSpace space) => space[ReadCompletionBoundary] ? 128 : 64;

    private static uint SpeedsUpTo(int speed) => (1u << speed) - 1;
}
