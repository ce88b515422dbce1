namespace PcieFabric.EndpointControllers.Profiles;

/// <summary>Interrupts that a controller can send, and those that its driver declares. The two differ for INTx in most drivers.</summary>
public sealed record InterruptProfile(bool Msi, bool MsiX, IntxSupport Intx);

/// <summary>Whether INTx works, and whether software is told so.</summary>
public enum IntxSupport : byte
{
    /// <summary>Raising it is refused.</summary>
    None,

    /// <summary>Raising it works, and the features do not say so.</summary>
    Undeclared,

    /// <summary>Raising it works, and the features say so (Linux: <c>intx_capable</c>).</summary>
    Declared,
}
