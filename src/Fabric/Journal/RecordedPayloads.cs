namespace PcieFabric.Journals;

/// <summary>The payloads in a journal's blocks of messages, by number. Blocks are read when one of theirs is asked for, and kept while they are in reach of where that was.</summary>
/// <param name="journal">Open for as long as this is used.</param>
public sealed class RecordedPayloads(JournalReader journal) : IPayloadSource
{
    private readonly JournalBlock[] _blocks = [.. journal.Blocks.Where(b => b.Header.Kind == BlockKind.Messages)];
    private readonly SortedList<long, IReadOnlyList<ReadOnlyMemory<byte>>> _known = [];

    public ReadOnlyMemory<byte> BodyOf(long number)
    {
        var at = LastAtOrBefore(number);
        if (at < 0) throw new InvalidDataException($"payload {number} is in no block");
        var first = _blocks[at].Header.FirstPayload;
        if (!_known.TryGetValue(first, out var bodies)) bodies = Keep(_blocks[at], journal.PayloadsIn(_blocks[at], this));
        return number - first < bodies.Count ? bodies[(int)(number - first)] : throw new InvalidDataException($"payload {number} is not in {_blocks[at]}");
    }

    /// <summary>A block that has been read, to its end or as far as it was wanted.</summary>
    internal IReadOnlyList<ReadOnlyMemory<byte>> Keep(JournalBlock block, RecordCursor read)
    {
        if (read.Numbered.Count == 0) return read.Numbered;
        while (_known.Count > 0 && _known.Keys[0] + _known.Values[0].Count <= block.Header.FirstPayload - JournalFormat.PayloadsInReach) _known.RemoveAt(0);
        return _known[block.Header.FirstPayload] = read.Numbered;
    }

    /// <summary>Of blocks that start with the same payload, the last has it.</summary>
    private int LastAtOrBefore(long number)
    {
        var (low, high) = (-1, _blocks.Length - 1);
        while (low < high)
        {
            var middle = (low + high + 1) >> 1;
            if (_blocks[middle].Header.FirstPayload > number) high = middle - 1;
            else low = middle;
        }
        return low;
    }
}
