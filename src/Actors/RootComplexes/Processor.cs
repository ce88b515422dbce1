namespace PcieFabric.RootComplexes;

/// <summary>Who made a host's processor.</summary>
public enum ProcessorVendor
{
    Amd,
    Intel,
    Other,
}

/// <summary>What a host's software can know of its processor, as from CPUID.</summary>
/// <param name="Family">With the extended family added: 0x17 is Zen.</param>
public readonly record struct Processor(ProcessorVendor Vendor, int Family);
