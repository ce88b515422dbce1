namespace PcieFabric.ConfigSpaces.Capabilities;

/// <summary>Latency Tolerance Reporting (PCIe 6.0 section 7.8.2), in upstream ports: the latency that the platform adds at most.</summary>
public sealed class LtrCapability : ExtendedCapability
{
    private readonly (RegisterField Value, RegisterField Scale) _snoop;
    private readonly (RegisterField Value, RegisterField Scale) _noSnoop;

    public LtrCapability()
        : base("Latency Tolerance Reporting", ExtendedCapabilityId.LatencyToleranceReporting, 1)
    {
        _snoop = Declare(0x04, "Max Snoop Latency");
        _noSnoop = Declare(0x06, "Max No-Snoop Latency");
    }

    public SimTime MaxSnoopLatency(ConfigSpace space) => Latency(space, _snoop);

    public SimTime MaxNoSnoopLatency(ConfigSpace space) => Latency(space, _noSnoop);

    private (RegisterField Value, RegisterField Scale) Declare(int offset, string name)
    {
        var register = Word(offset, name, Concerns.Ltr);
        // Platform-wide values, which the reset of one function must not lose (section 6.6.2).
        return (register.Field(9, 0, $"{name} Value", Access.ReadWrite, survives: ResetKind.FunctionLevel),
            register.Field(12, 10, $"{name} Scale", Access.ReadWrite, survives: ResetKind.FunctionLevel));
    }

    // The scale counts in powers of 32 ns (section 6.18).
    private static SimTime Latency(ConfigSpace space, (RegisterField Value, RegisterField Scale) fields) =>
        SimTime.FromNanoseconds((double)((ulong)space[fields.Value] << (5 * (int)space[fields.Scale])));
}
