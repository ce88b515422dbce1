using System.Numerics;
using PcieFabric.Documents.Shapes;
using PcieFabric.Input;
using PcieFabric.Iommus;
using PcieFabric.Units;

namespace PcieFabric.Topologies.Reading;

/// <summary>The keys of a host's IOMMU.</summary>
internal static class IommuSchema
{
    private static readonly Key<int> Entries = Key.Optional("entries", Values.Whole(1, Limits.MaxTranslationCacheEntries), "64", "Entries of the IO-TLB: 'ways' times a power of two.");
    private static readonly Key<int> Ways = Key.Optional("ways", Values.Whole(1, Limits.MaxTranslationCacheEntries), "4", "Entries of one set of the IO-TLB.");

    private static readonly Key<ulong> LargestPage = Key.Optional("largest-page",
        new ChoiceShape<ulong>(new("4 KiB", 1UL << 12, "small pages only"), new("2 MiB", 1UL << 21, "and those of the next level"), new("1 GiB", 1UL << 30, "and those of the level above")),
        "1 GiB", "The largest pages that I/O page tables are made of.");

    private static readonly Key<SimTime> HitLatency = Key.Optional("hit-latency", Values.Latency, "5 ns", "What every memory request takes.");
    private static readonly Key<SimTime> WalkLatency = Key.Optional("walk-latency", Values.Latency, "80 ns", "What each level of a page walk takes on top: four levels for a page of 4 KiB, three for 2 MiB, two for 1 GiB.");
    private static readonly Key<int> Walkers = Key.Optional("walkers", Values.Whole(1, Limits.MaxPageWalkers), "6", "Page walks at a time.");
    private static readonly Key<int> FaultRecords = Key.Optional("fault-records", Values.Whole(1, Limits.MaxIommuFaults), "64", "Faults that wait for software; further ones are counted and lost.");

    private static readonly Key<InterruptPolicy> Interrupts = Key.Optional("interrupts",
        new ChoiceShape<InterruptPolicy>(
            new("pass", InterruptPolicy.Pass, "they pass"),
            new("block", InterruptPolicy.Block, "they are faults")),
        "pass", "What becomes of writes to the interrupt window. Interrupts are not remapped.");

    private static readonly Key<PeerTranslationPolicy> PeerToPeer = Key.Optional("peer-to-peer",
        new ChoiceShape<PeerTranslationPolicy>(
            new("translate", PeerTranslationPolicy.Translate, "translated as all others"),
            new("bypass", PeerTranslationPolicy.Bypass, "passed as they are")),
        "translate", "What becomes of requests for addresses in the windows of root ports.");

    private static readonly Key<SimTime> InvalidateTimeout = Key.Optional("invalidate-timeout", Values.Time(SimTime.FromSeconds(3600)), "60 s",
        "How long a function with ATS may take to answer an Invalidate Request.");

    public static readonly Shape<IommuSettings> Shape = new RecordShape<IommuSettings>("an IOMMU", "Translates what devices address.",
        [Entries, Ways, LargestPage, HitLatency, WalkLatency, Walkers, FaultRecords, Interrupts, PeerToPeer, InvalidateTimeout], Make);

    private static IommuSettings Make(Fields fields)
    {
        var entries = fields.Get(Entries);
        var ways = fields.Get(Ways);
        if (entries % ways != 0 || !BitOperations.IsPow2(entries / ways))
            throw new InputException($"{entries} entries are not a power of two of sets of {ways}", $"{ways}, {2 * ways}, {4 * ways}, ...; 'ways' equal to 'entries' makes one set", fields.At(Entries));
        return new IommuSettings
        {
            Entries = entries,
            Ways = ways,
            LargestPageBytes = fields.Get(LargestPage),
            HitLatency = fields.Get(HitLatency),
            WalkLatency = fields.Get(WalkLatency),
            Walkers = fields.Get(Walkers),
            FaultRecords = fields.Get(FaultRecords),
            Interrupts = fields.Get(Interrupts),
            PeerToPeer = fields.Get(PeerToPeer),
            InvalidateTimeout = fields.Get(InvalidateTimeout),
        };
    }
}
