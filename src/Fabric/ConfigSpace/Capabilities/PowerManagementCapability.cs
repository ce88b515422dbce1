namespace PcieFabric.ConfigSpaces.Capabilities;

/// <summary>Device power states that configuration software can ask for (PCIe 6.0 section 5.3.1).</summary>
public enum PowerState : byte
{
    D0 = 0,
    D1 = 1,
    D2 = 2,
    D3Hot = 3,
}

/// <summary>
/// Power Management (PCIe 6.0 section 7.5.2), version 3: D0 and D3hot. Below D0 a function answers configuration requests
/// only, and initiates nothing but PME.
/// </summary>
public sealed class PowerManagementCapability : StandardCapability
{
    private readonly RegisterField _state;

    /// <param name="noSoftReset">Registers live through D3hot; without it the way back to D0 resets the function (section 5.3.1.4).</param>
    public PowerManagementCapability(bool noSoftReset = true)
        : base("Power Management", CapabilityId.PowerManagement)
    {
        NoSoftReset = noSoftReset;
        var capabilities = Word(0x02, "Power Management Capabilities");
        capabilities.Field(2, 0, "Version", Access.ReadOnly, 3);
        capabilities.Field(15, 11, "PME Support", Access.ReadOnly, 0b01001);

        var control = Word(0x04, "Power Management Control/Status", Concerns.PowerState);
        _state = control.Field(1, 0, "PowerState", Access.ReadWrite);
        control.Flag(3, "No_Soft_Reset", Access.ReadOnly, noSoftReset);
        PmeEnable = control.Flag(8, "PME_En", Access.ReadWriteSticky);
        PmeStatus = control.Flag(15, "PME_Status", Access.WriteOneToClearSticky);
        control.AfterWrite(Enter);
        Word(0x06, "Data").Whole(Access.ReadOnly);
    }

    public bool NoSoftReset { get; }
    public Flag PmeEnable { get; }
    public Flag PmeStatus { get; }

    public PowerState State(ConfigSpace space) => (PowerState)space[_state];

    private Concerns Enter(ConfigSpace space, uint before)
    {
        var from = (PowerState)_state.In(before);
        var to = State(space);
        if (to is PowerState.D1 or PowerState.D2)
        {
            // A state that is not supported: the write completes, and the state stays (section 7.5.2.2).
            space[_state] = (uint)from;
            return Concerns.None;
        }
        if (NoSoftReset || from != PowerState.D3Hot || to != PowerState.D0) return Concerns.None;
        space.Reset(ResetKind.FunctionLevel);
        return Concerns.Reset;
    }
}
