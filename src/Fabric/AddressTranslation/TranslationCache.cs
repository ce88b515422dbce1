using System.Numerics;
using PcieFabric.Addressing;

namespace PcieFabric.AddressTranslation;

/// <summary>
/// A set-associative cache of translations, as an IOMMU (IO-TLB) and a device with ATS (ATC) have one. The least recently used of a set gives way. Pages of all sizes share
/// the sets, each indexed by its own page number. Nothing is allocated after construction.
/// </summary>
public sealed class TranslationCache
{
    private static readonly int[] Shifts = [12, 21, 30];

    private readonly Entry[] _entries;
    private readonly int[] _held = new int[Shifts.Length];
    private readonly int _ways;
    private readonly ulong _setMask;
    private long _clock;

    private struct Entry
    {
        public ulong Page;
        public Translation Translation;
        public long UsedAt;
        public long ReadyAtPs;
        public uint Space;
        public bool IsValid;
    }

    /// <param name="entries">A power of two times <paramref name="ways"/>.</param>
    public TranslationCache(int entries, int ways)
    {
        if (ways < 1 || entries < ways || entries % ways != 0 || !BitOperations.IsPow2(entries / ways))
            throw new ArgumentException($"{entries} entries do not make a power of two of sets of {ways}", nameof(entries));
        _entries = new Entry[entries];
        _ways = ways;
        _setMask = (ulong)(entries / ways - 1);
    }

    /// <summary>Translations that gave way to others.</summary>
    public long Evictions { get; private set; }

    /// <param name="space">Whose addresses: a domain, or a PASID.</param>
    /// <param name="readyAtPs">When what inserted it has it: a hit before then waits.</param>
    public bool TryFind(uint space, ulong address, out Translation translation, out long readyAtPs)
    {
        for (var size = 0; size < Shifts.Length; size++)
        {
            if (_held[size] == 0) continue;
            var page = address >> Shifts[size];
            foreach (ref var entry in SetOf(page))
            {
                if (!entry.IsValid || entry.Page != page || entry.Space != space || entry.Translation.PageShift != Shifts[size]) continue;
                entry.UsedAt = ++_clock;
                (translation, readyAtPs) = (entry.Translation, entry.ReadyAtPs);
                return true;
            }
        }
        (translation, readyAtPs) = (default, 0);
        return false;
    }

    /// <summary>Takes the place of what was known of the page.</summary>
    public void Insert(uint space, ulong address, in Translation translation, long readyAtPs = 0)
    {
        var size = Array.IndexOf(Shifts, translation.PageShift);
        var page = address >> translation.PageShift;
        var set = SetOf(page);
        var victim = 0;
        for (var way = 0; way < set.Length; way++)
        {
            ref var entry = ref set[way];
            if (entry.IsValid && entry.Page == page && entry.Space == space && entry.Translation.PageShift == translation.PageShift)
            {
                victim = way;
                break;
            }
            // An empty place was used at zero, before all others.
            if (entry.UsedAt < set[victim].UsedAt) victim = way;
        }
        ref var place = ref set[victim];
        if (place.IsValid)
        {
            if (place.Page != page || place.Space != space || place.Translation.PageShift != translation.PageShift) Evictions++;
            Remove(ref place);
        }
        place = new Entry { Page = page, Translation = translation, UsedAt = ++_clock, ReadyAtPs = readyAtPs, Space = space, IsValid = true };
        _held[size]++;
    }

    /// <summary>Forgets all pages of a space of which any byte lies in a range.</summary>
    /// <param name="space">Null for all spaces.</param>
    public void Invalidate(uint? space, AddressRange range)
    {
        for (var i = 0; i < _entries.Length; i++)
        {
            ref var entry = ref _entries[i];
            if (!entry.IsValid || space is { } only && entry.Space != only) continue;
            if (range.Overlaps(new AddressRange(entry.Page << entry.Translation.PageShift, entry.Translation.PageBytes))) Remove(ref entry);
        }
    }

    public void Clear()
    {
        Array.Clear(_entries);
        Array.Clear(_held);
    }

    private Span<Entry> SetOf(ulong page) => _entries.AsSpan((int)(page & _setMask) * _ways, _ways);

    private void Remove(ref Entry entry)
    {
        _held[Array.IndexOf(Shifts, entry.Translation.PageShift)]--;
        entry = default;
    }
}
