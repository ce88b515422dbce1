using PcieFabric.ConfigSpaces;

namespace PcieFabric.Endpoints;

/// <summary>What all functions of an endpoint decode at the moment: ranges sorted by address, searched by halves, the last hit first.</summary>
internal sealed class DecodeTable
{
    private Entry[] _memory = [];
    private Entry[] _io = [];
    private int _lastHit;

    /// <summary>The last hit that was a virtual function's; and, left as it is, none at all.</summary>
    private Entry _virtualHit, _nothing;

    /// <param name="Function">Of the BARs of virtual functions, while they are in the table: their physical function.</param>
    /// <param name="Bar">0 to 5, or <see cref="RomBar"/>.</param>
    /// <param name="Virtual">Those whose BARs stand in the range, one after the other.</param>
    public readonly record struct Entry(AddressRange Range, Function Function, int Bar, VirtualFunctions? Virtual = null)
    {
        /// <summary>The one virtual function that the address means.</summary>
        public Entry Of(ulong address)
        {
            var size = Range.Size / (ulong)Virtual!.Enabled;
            var vf = (address - Range.Base) / size;
            return new Entry(new AddressRange(Range.Base + vf * size, size), Virtual[(int)vf], Bar);
        }
    }

    public const int RomBar = 6;

    public void Rebuild(IEnumerable<Function> functions)
    {
        var memory = new List<Entry>();
        var io = new List<Entry>();
        foreach (var function in functions)
        {
            var decoder = new BarDecoder(function.Space);
            foreach (var bar in function.Layout.Header.Bars)
            {
                var range = decoder[bar.Definition.Index];
                if (!range.IsEmpty) (bar.Definition.Kind == BarKind.Io ? io : memory).Add(new Entry(range, function, bar.Definition.Index));
            }
            foreach (var bar in function.Virtual?.Capability.VfBars ?? [])
            {
                var range = function.Virtual!.Capability.VfRange(function.Space, bar);
                if (!range.IsEmpty) memory.Add(new Entry(range, function, bar.Definition.Index, function.Virtual));
            }
            if (!decoder.ExpansionRom.IsEmpty) memory.Add(new Entry(decoder.ExpansionRom, function, RomBar));
        }
        (_memory, _io, _lastHit) = ([.. memory.OrderBy(e => e.Range.Base)], [.. io.OrderBy(e => e.Range.Base)], 0);
    }

    public bool Overlaps(AddressRange range) => _memory.Any(e => e.Range.Overlaps(range));

    /// <returns>The one with the address, valid until the next call; where there is none, one whose range is empty.</returns>
    public ref readonly Entry Find(ulong address, bool isIo)
    {
        var entries = isIo ? _io : _memory;
        if ((uint)_lastHit >= (uint)entries.Length || !entries[_lastHit].Range.Contains(address))
        {
            var at = IndexOf(address, entries);
            if (at < 0 || !entries[at].Range.Contains(address)) return ref _nothing;
            _lastHit = at;
        }
        ref readonly var entry = ref entries[_lastHit];
        if (entry.Virtual is null) return ref entry;
        _virtualHit = entry.Of(address);
        return ref _virtualHit;
    }

    /// <summary>The last entry that does not begin behind the address, or -1.</summary>
    private static int IndexOf(ulong address, Entry[] entries)
    {
        var (low, high) = (0, entries.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) >> 1;
            if (entries[middle].Range.Base > address) high = middle - 1;
            else low = middle + 1;
        }
        return high;
    }
}
