namespace PcieFabric.Journals;

/// <summary>Where a journal has the payload of a TLP.</summary>
/// <param name="Back">How many payloads back; zero for the next one, which comes with this TLP; less for none that would be worth a number.</param>
public readonly record struct PayloadPlace(int Back)
{
    /// <summary>The TLP has no payload, or one so short that it is part of the TLP itself.</summary>
    public static readonly PayloadPlace None = new(-1);

    public static readonly PayloadPlace New = new(0);

    /// <summary>The journal has it already.</summary>
    public bool IsKnown => Back > 0;
}
