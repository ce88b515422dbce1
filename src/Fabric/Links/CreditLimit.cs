namespace PcieFabric.Links;

/// <summary>What a receiver grants for one class: header credits, one a TLP, and data credits of 16 bytes each (PCIe 6.0 section 2.6.1). Zero is infinite, as in InitFC.</summary>
public readonly record struct CreditLimit(int Headers, int Data)
{
    /// <summary>Zero in InitFC: the receiver always has room, and never sends an update.</summary>
    public static readonly CreditLimit Infinite;

    public bool HasInfiniteHeaders => Headers == 0;
    public bool HasInfiniteData => Data == 0;

    private static string Name(int credits) => credits == 0 ? "infinite" : credits.ToString();

    public override string ToString() => $"{Name(Headers)}/{Name(Data)}";
}
