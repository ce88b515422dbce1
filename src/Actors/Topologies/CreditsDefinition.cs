namespace PcieFabric.Topologies;

/// <summary>Flow control credits of a receiver, by class (PCIe 6.0 section 2.6.1).</summary>
public sealed record CreditsDefinition(CreditPool Posted, CreditPool NonPosted, CreditPool Completion);

/// <summary>Credits of one class.</summary>
/// <param name="Headers">One per TLP, or <see cref="Infinite"/>.</param>
/// <param name="Data">One per 16 bytes of payload, or <see cref="Infinite"/>.</param>
public readonly record struct CreditPool(int Headers, int Data)
{
    /// <summary>Zero, as on the wire: no limit is advertised.</summary>
    public const int Infinite = 0;

    public const int DataCreditBytes = 16;
}
