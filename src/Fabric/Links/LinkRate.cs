namespace PcieFabric.Links;

/// <summary>How many bits a second a link carries, after its encoding and before any protocol overhead.</summary>
public static class LinkRate
{
    /// <summary>Transfers a second on one lane: 2.5 GT/s for generation 1 to 64 GT/s for generation 6 (PCIe 6.0 section 1.2).</summary>
    public static double TransfersPerSecond(LinkGeneration generation) =>
        generation.Number switch { 1 => 2.5e9, 2 => 5e9, 3 => 8e9, 4 => 16e9, 5 => 32e9, _ => 64e9 };

    /// <summary>
    /// The share of the transfers that carries data: 8b/10b, 128b/130b, and from generation 6 on 242 of the 256 bytes of a flit
    /// (PCIe 6.0 sections 4.2.1 to 4.2.3). In flit mode TLPs pay no framing of their own; that the model charges it nevertheless is the published model's choice.
    /// </summary>
    public static double EncodingEfficiency(LinkGeneration generation) =>
        generation.Number switch { 1 or 2 => 8.0 / 10, 3 or 4 or 5 => 128.0 / 130, _ => 242.0 / 256 };

    /// <summary>Bits a second in one direction: 63.015 Gb/s for generation 3 x8.</summary>
    public static double RawBitsPerSecond(LinkGeneration generation, LinkWidth width) =>
        TransfersPerSecond(generation) * EncodingEfficiency(generation) * width.Lanes;

    /// <summary>One symbol time: ten bit times with 8b/10b, eight above; the unit in which latency limits are published.</summary>
    public static int SymbolTimePs(LinkGeneration generation) =>
        generation.Number switch { 1 => 4000, 2 => 2000, 3 => 1000, 4 => 500, 5 => 250, _ => 125 };
}
