namespace PcieFabric.Tlps;

/// <summary>
/// The tags of one requester. Those freed first are used first, so that a late completion of an abandoned request is least likely to meet a
/// new one. Ten-bit tags are 256 to 1023: T9:T8 of 00 would hide a completer that cannot return them (PCIe 6.0 section 2.2.6.2).
/// </summary>
/// <remarks>Memory is taken with the first tag: most functions of a large fabric never ask for one.</remarks>
public sealed class TagPool
{
    private readonly int _first;
    private ushort[] _free = [];
    private ulong[] _taken = [];
    private int _next;

    /// <param name="limit">At most this many at a time, fewer if the width has fewer; for requesters with fewer buffers than tags.</param>
    public TagPool(TagWidth width, int limit = Limits.MaxTags)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        _first = width == TagWidth.TenBits ? 256 : 0;
        Capacity = Available = Math.Min((1 << (int)width) - _first, limit);
    }

    public int Capacity { get; }

    public int Available { get; private set; }

    /// <returns>False when all are in use, which is how a requester is held back.</returns>
    public bool TryTake(out ushort tag)
    {
        tag = 0;
        if (Available == 0) return false;
        if (_free.Length == 0) Fill();
        tag = _free[_next];
        _next = (_next + 1) % Capacity;
        Available--;
        _taken[IndexOf(tag) >> 6] |= 1ul << (IndexOf(tag) & 63);
        return true;
    }

    public void Return(ushort tag)
    {
        if (!IsTaken(tag)) throw new InvalidOperationException($"Tag {tag} returned to a pool that has not given it out");
        _taken[IndexOf(tag) >> 6] &= ~(1ul << (IndexOf(tag) & 63));
        _free[(_next + Available++) % Capacity] = tag;
    }

    /// <summary>So many were taken and returned, in that order.</summary>
    /// <exception cref="InvalidOperationException">Some are in use, so that the order would depend on theirs.</exception>
    public void Pass(int count)
    {
        if (Available != Capacity) throw new InvalidOperationException("Invariant: tags pass while none is in use");
        _next = (_next + count) % Capacity;
    }

    public bool IsTaken(ushort tag)
    {
        var index = IndexOf(tag);
        return (uint)index < (uint)Capacity && _taken.Length != 0 && (_taken[index >> 6] & 1ul << (index & 63)) != 0;
    }

    /// <summary>A tag's place among the pool's own, 0 to <see cref="Capacity"/> - 1; outside that for tags that are not the pool's.</summary>
    internal int IndexOf(ushort tag) => tag - _first;

    internal ushort TagAt(int index) => (ushort)(_first + index);

    private void Fill()
    {
        _free = new ushort[Capacity];
        _taken = new ulong[(Capacity + 63) / 64];
        for (var i = 0; i < Capacity; i++) _free[i] = TagAt(i);
    }
}
