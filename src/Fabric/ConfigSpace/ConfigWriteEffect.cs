namespace PcieFabric.ConfigSpaces;

/// <summary>What a configuration write did.</summary>
/// <param name="Changed">Bits of the DW that have another value now.</param>
/// <param name="Triggered">Bits with <see cref="Access.Trigger"/> that were written one.</param>
/// <param name="Concerns">Whom it concerns; none if nothing changed and nothing was triggered.</param>
public readonly record struct ConfigWriteEffect(RegisterOffset At, uint Changed, uint Triggered, Concerns Concerns)
{
    public bool Has(Concerns concerns) => (Concerns & concerns) != 0;

    public bool Starts(Flag trigger) => trigger.Dword == At.Dword && (Triggered & trigger.Mask) != 0;
}
