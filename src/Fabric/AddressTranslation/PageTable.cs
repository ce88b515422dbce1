using PcieFabric.Addressing;

namespace PcieFabric.AddressTranslation;

/// <summary>
/// One I/O address space: a radix tree of four levels, 512 entries a table, with leaves of 4 KiB, 2 MiB and 1 GiB. A range is mapped with the
/// largest pages that it allows, and a large page of which a part is unmapped is split. Looking up allocates nothing.
/// </summary>
public sealed class PageTable
{
    /// <summary>Input addresses have this many bits, as on x86 with four levels.</summary>
    public const int AddressBits = 48;

    public const int Levels = 4;

    public const ulong SmallestPageBytes = 4096;

    private const int EntriesPerTable = 512;
    private const int IndexBits = 9;
    private const int SmallestPageShift = 12;
    private const ulong PermissionBits = 3, LeafBit = 4, TableBit = 8, AddressMask = ~0xFFFul;

    private readonly int _largestPageShift;
    private readonly List<ulong[]> _tables = [new ulong[EntriesPerTable]];
    private readonly List<int> _used = [0];
    private readonly Stack<int> _free = new();

    /// <param name="largestPageShift">12, 21 or 30: larger pages are never made.</param>
    public PageTable(int largestPageShift = 30)
    {
        if (largestPageShift is not (12 or 21 or 30)) throw new ArgumentOutOfRangeException(nameof(largestPageShift), largestPageShift, "12, 21 or 30");
        _largestPageShift = largestPageShift;
    }

    public ulong MappedBytes { get; private set; }

    /// <summary>Tables in use, the root included.</summary>
    public int Tables => _tables.Count - _free.Count;

    /// <summary>A range that can be mapped: whole small pages, inside the address space.</summary>
    public static bool IsMappable(AddressRange range) =>
        !range.IsEmpty && ((range.Base | range.Size) & (SmallestPageBytes - 1)) == 0 && range.Base < 1ul << AddressBits && range.Size <= (1ul << AddressBits) - range.Base;

    /// <param name="address">What <paramref name="range"/> begins at after translation.</param>
    /// <exception cref="ArgumentException">The range is not <see cref="IsMappable"/>, the address not aligned to small pages, or nothing is permitted.</exception>
    public PageTableResult Map(AddressRange range, ulong address, PagePermissions permissions)
    {
        if (!IsMappable(range)) throw new ArgumentException($"{range} cannot be mapped: whole pages of 4 KiB below 2^{AddressBits}", nameof(range));
        if ((address & (SmallestPageBytes - 1)) != 0 || address > ulong.MaxValue - range.Size) throw new ArgumentException($"0x{address:x} is no page", nameof(address));
        if (permissions is PagePermissions.None or > PagePermissions.ReadWrite) throw new ArgumentException("a mapping permits something", nameof(permissions));
        if (IsAnyMapped(0, Levels - 1, range.Base, range.Last)) return PageTableResult.AlreadyMapped;
        if (Fill(0, Levels - 1, range.Base, range.Last, address, permissions)) return PageTableResult.Done;
        Unmap(range);
        return PageTableResult.Full;
    }

    /// <summary>Unmaps what is mapped of a range, splitting large pages at its ends.</summary>
    /// <returns>Bytes that were mapped.</returns>
    public ulong Unmap(AddressRange range)
    {
        if (!IsMappable(range)) throw new ArgumentException($"{range} cannot be unmapped: whole pages of 4 KiB below 2^{AddressBits}", nameof(range));
        var bytes = Clear(0, Levels - 1, range.Base, range.Last);
        MappedBytes -= bytes;
        return bytes;
    }

    /// <param name="levelsWalked">Tables that were read to find out.</param>
    public bool TryFind(ulong address, out Translation translation, out int levelsWalked)
    {
        translation = default;
        levelsWalked = 0;
        if (address >> AddressBits != 0) return false;
        var table = 0;
        for (var level = Levels - 1; level >= 0; level--)
        {
            levelsWalked++;
            var entry = _tables[table][IndexOf(address, level)];
            if ((entry & LeafBit) != 0)
            {
                translation = new Translation(entry & AddressMask, ShiftOf(level), (PagePermissions)(entry & PermissionBits));
                return true;
            }
            if (entry == 0) return false;
            table = TableOf(entry);
        }
        throw new InvalidOperationException("Invariant: the last level of a page table has leaves only");
    }

    private static int ShiftOf(int level) => SmallestPageShift + level * IndexBits;

    private static int IndexOf(ulong address, int level) => (int)(address >> ShiftOf(level)) & (EntriesPerTable - 1);

    private static int TableOf(ulong entry) => (int)(entry >> SmallestPageShift);

    private static ulong LastOf(ulong address, int level) => address | ((1ul << ShiftOf(level)) - 1);

    private bool IsAnyMapped(int table, int level, ulong first, ulong last)
    {
        for (var at = first; ; at = LastOf(at, level) + 1)
        {
            var entry = _tables[table][IndexOf(at, level)];
            var end = Math.Min(last, LastOf(at, level));
            if ((entry & LeafBit) != 0) return true;
            if (entry != 0 && IsAnyMapped(TableOf(entry), level - 1, at, end)) return true;
            if (end == last) return false;
        }
    }

    private bool Fill(int table, int level, ulong first, ulong last, ulong address, PagePermissions permissions)
    {
        var pageBytes = 1ul << ShiftOf(level);
        for (var at = first; ; at = LastOf(at, level) + 1)
        {
            var end = Math.Min(last, LastOf(at, level));
            var target = address + (at - first);
            ref var entry = ref _tables[table][IndexOf(at, level)];
            var fits = ShiftOf(level) <= _largestPageShift && end - at == pageBytes - 1 && ((at | target) & (pageBytes - 1)) == 0;
            if (fits)
            {
                entry = target | LeafBit | (ulong)permissions;
                _used[table]++;
                MappedBytes += pageBytes;
            }
            else
            {
                if (entry == 0 && !TryAddTable(table, ref entry)) return false;
                if (!Fill(TableOf(entry), level - 1, at, end, target, permissions)) return false;
            }
            if (end == last) return true;
        }
    }

    private ulong Clear(int table, int level, ulong first, ulong last)
    {
        var bytes = 0ul;
        for (var at = first; ; at = LastOf(at, level) + 1)
        {
            var end = Math.Min(last, LastOf(at, level));
            ref var entry = ref _tables[table][IndexOf(at, level)];
            if ((entry & LeafBit) != 0 && end - at == (1ul << ShiftOf(level)) - 1)
            {
                bytes += 1ul << ShiftOf(level);
                Empty(table, ref entry);
            }
            else if (entry != 0)
            {
                if ((entry & LeafBit) != 0) Split(ref entry, level);
                bytes += Clear(TableOf(entry), level - 1, at, end);
                if (_used[TableOf(entry)] == 0)
                {
                    _free.Push(TableOf(entry));
                    Empty(table, ref entry);
                }
            }
            if (end == last) return bytes;
        }
    }

    private void Empty(int table, ref ulong entry)
    {
        entry = 0;
        _used[table]--;
    }

    /// <summary>Unmapping a part must never fail, so a split may exceed the limit that mapping keeps; by one table at each end of a range.</summary>
    private void Split(ref ulong entry, int level)
    {
        var table = TakeTable();
        var page = 1ul << ShiftOf(level - 1);
        for (var i = 0; i < EntriesPerTable; i++) _tables[table][i] = (entry & AddressMask) + (ulong)i * page | LeafBit | entry & PermissionBits;
        _used[table] = EntriesPerTable;
        entry = (ulong)table << SmallestPageShift | TableBit;
    }

    private bool TryAddTable(int parent, ref ulong entry)
    {
        if (Tables >= Limits.MaxPageTables) return false;
        entry = (ulong)TakeTable() << SmallestPageShift | TableBit;
        _used[parent]++;
        return true;
    }

    private int TakeTable()
    {
        if (_free.TryPop(out var table)) return table;
        _tables.Add(new ulong[EntriesPerTable]);
        _used.Add(0);
        return _tables.Count - 1;
    }
}
