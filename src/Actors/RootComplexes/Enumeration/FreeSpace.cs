namespace PcieFabric.RootComplexes.Enumeration;

/// <summary>The parts of a range that nobody has taken, lowest first.</summary>
internal sealed class FreeSpace
{
    private readonly List<AddressRange> _free = [];

    public FreeSpace(AddressRange range)
    {
        if (!range.IsEmpty) _free.Add(range);
    }

    /// <summary>In bytes, all pieces together.</summary>
    public ulong Left
    {
        get
        {
            var left = 0ul;
            foreach (var piece in _free) left += piece.Size;
            return left;
        }
    }

    /// <summary>Takes the lowest place that fits.</summary>
    /// <param name="alignment">A power of two.</param>
    public bool TryTake(ulong size, ulong alignment, out ulong at)
    {
        for (var i = 0; i < _free.Count; i++)
        {
            var piece = _free[i];
            at = (piece.Base + (alignment - 1)) & ~(alignment - 1);
            if (at < piece.Base || !piece.Contains(at, size)) continue;
            var before = new AddressRange(piece.Base, at - piece.Base);
            var after = new AddressRange(at + size, piece.Size - before.Size - size);
            _free.RemoveAt(i);
            if (!after.IsEmpty) _free.Insert(i, after);
            if (!before.IsEmpty) _free.Insert(i, before);
            return true;
        }
        at = 0;
        return false;
    }
}
