using PcieFabric.EndpointControllers;

namespace PcieFabric.HostDrivers;

/// <summary>How a case ended.</summary>
public enum KselftestOutcome
{
    Passed,
    Failed,
    Skipped,

    /// <summary>The driver waits for an interrupt without a limit, and it does not come.</summary>
    Hung,
}

/// <summary>How a case ended, and the error number that decided it.</summary>
public readonly record struct KselftestResult(KselftestOutcome Outcome, Errno Errno)
{
    public override string ToString() => Outcome switch
    {
        KselftestOutcome.Passed => "pass",
        KselftestOutcome.Skipped => $"skip {Errno}",
        KselftestOutcome.Failed => $"FAIL {Errno}",
        _ => "HANG",
    };
}
