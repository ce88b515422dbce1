namespace PcieFabric.ConfigSpaces.Capabilities;

/// <summary>Slot Capabilities, Control and Status (PCIe 6.0 sections 7.5.3.9 to 7.5.3.11).</summary>
public sealed class PciExpressSlot
{
    private const uint IndicatorOff = 3;

    internal PciExpressSlot(PciExpressCapability block, SlotOptions options)
    {
        var capabilities = block.Dword(0x14, "Slot Capabilities");
        capabilities.Flag(0, "Attention Button Present", Access.ReadOnly, options.AttentionButton);
        capabilities.Flag(1, "Power Controller Present", Access.ReadOnly, options.PowerController);
        capabilities.Flag(3, "Attention Indicator Present", Access.ReadOnly, options.AttentionIndicator);
        capabilities.Flag(4, "Power Indicator Present", Access.ReadOnly, options.PowerIndicator);
        capabilities.Flag(5, "Hot-Plug Surprise", Access.ReadOnly, options.Surprise);
        capabilities.Flag(6, "Hot-Plug Capable", Access.ReadOnly, options.HotPlug);
        capabilities.Field(14, 7, "Slot Power Limit Value", Access.ReadOnly, (uint)options.PowerLimitWatts);
        capabilities.Flag(18, "No Command Completed Support", Access.ReadOnly, true);
        PhysicalSlotNumber = capabilities.Field(31, 19, "Physical Slot Number", Access.HardwareInitialized);

        var control = block.Word(0x18, "Slot Control", Concerns.Slot);
        control.Flag(0, "Attention Button Pressed Enable", options.AttentionButton ? Access.ReadWrite : Access.ReadOnly);
        PresenceDetectChangedEnable = control.Flag(3, "Presence Detect Changed Enable", Access.ReadWrite);
        HotPlugInterruptEnable = control.Flag(5, "Hot-Plug Interrupt Enable", Access.ReadWrite);
        // Without the indicator too: a reader that does not look at the capability finds a value with a meaning.
        control.Field(7, 6, "Attention Indicator Control", Access.ReadWrite, IndicatorOff);
        control.Field(9, 8, "Power Indicator Control", Access.ReadWrite, IndicatorOff);
        if (options.PowerController) PowerControllerControl = control.Flag(10, "Power Controller Control", Access.ReadWrite);
        LinkStateChangedEnable = control.Flag(12, "Data Link Layer State Changed Enable", Access.ReadWrite);

        var status = block.Word(0x1A, "Slot Status");
        AttentionButtonPressed = status.Flag(0, "Attention Button Pressed", Access.WriteOneToClear);
        PresenceDetectChanged = status.Flag(3, "Presence Detect Changed", Access.WriteOneToClear);
        PresenceDetectState = status.Flag(6, "Presence Detect State", Access.Status, survives: ResetKind.Cold);
        LinkStateChanged = status.Flag(8, "Data Link Layer State Changed", Access.WriteOneToClear);
    }

    public RegisterField PhysicalSlotNumber { get; }
    public Flag PresenceDetectChangedEnable { get; }
    public Flag HotPlugInterruptEnable { get; }

    /// <summary>Set to take the power away.</summary>
    public Flag? PowerControllerControl { get; }

    public Flag LinkStateChangedEnable { get; }
    public Flag AttentionButtonPressed { get; }
    public Flag PresenceDetectChanged { get; }
    public Flag PresenceDetectState { get; }
    public Flag LinkStateChanged { get; }

    /// <summary>A card was put in or taken out.</summary>
    /// <returns>The port is to raise its hot-plug interrupt.</returns>
    public bool SetPresence(ConfigSpace space, bool present)
    {
        if (space[PresenceDetectState] == present) return false;
        space[PresenceDetectState] = present;
        space[PresenceDetectChanged] = true;
        return space[PresenceDetectChangedEnable] && space[HotPlugInterruptEnable];
    }
}
