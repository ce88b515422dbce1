using PcieFabric.ConfigSpaces;

namespace PcieFabric.Endpoints;

/// <summary>What all functions of an endpoint decode at the moment: ranges sorted by address, searched by halves, the last hit first.</summary>
internal sealed class DecodeTable
{
    private Entry[] _memory = [];
    private Entry[] _io = [];
    private int _lastHit;

    /// <param name="Bar">0 to 5, or <see cref="RomBar"/>.</param>
    public readonly record struct Entry(AddressRange Range, Function Function, int Bar);

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
            if (!decoder.ExpansionRom.IsEmpty) memory.Add(new Entry(decoder.ExpansionRom, function, RomBar));
        }
        (_memory, _io, _lastHit) = ([.. memory.OrderBy(e => e.Range.Base)], [.. io.OrderBy(e => e.Range.Base)], 0);
    }

    public bool Overlaps(AddressRange range) => _memory.Any(e => e.Range.Overlaps(range));

    public bool TryFind(ulong address, bool isIo, out Entry entry)
    {
        var entries = isIo ? _io : _memory;
        if ((uint)_lastHit < (uint)entries.Length && entries[_lastHit].Range.Contains(address))
        {
            entry = entries[_lastHit];
            return true;
        }
        var (low, high) = (0, entries.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) >> 1;
            if (entries[middle].Range.Base > address) high = middle - 1;
            else low = middle + 1;
        }
        entry = high >= 0 ? entries[high] : default;
        if (high < 0 || !entry.Range.Contains(address)) return false;
        _lastHit = high;
        return true;
    }
}
