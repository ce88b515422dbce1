namespace PcieFabric.Ports;

/// <summary>
/// An allow-list of function pairs at a place where peer-to-peer requests turn round: a switch's downstream port, or the root complex. It is
/// no part of PCI Express; it stands where ACS sends a request directly, or where a root complex would forward it.
/// </summary>
/// <remarks>It knows functions by their IDs and by the addresses that they decode, as software told it after enumeration. Until then it lets nothing pass.</remarks>
public sealed class PeerGuard
{
    private readonly List<(AddressRange Range, Bdf Function)> _functions = [];
    private readonly HashSet<uint> _pairs = [];
    private readonly Dictionary<(Bdf Requester, Bdf? Target), long> _refused = [];

    public bool IsEnabled { get; set; }

    /// <summary>Requests refused so far, by requester and target; null is a target that no known function decodes. To be read when the engine stands still.</summary>
    public IReadOnlyDictionary<(Bdf Requester, Bdf? Target), long> Refused => _refused;

    public long TotalRefused { get; private set; }

    /// <summary>The function decodes these addresses.</summary>
    /// <returns>False if there are <see cref="Limits.GuardedRanges"/> already.</returns>
    public bool AddFunction(Bdf function, AddressRange range)
    {
        if (_functions.Count == Limits.GuardedRanges) return false;
        _functions.Add((range, function));
        return true;
    }

    /// <summary>Lets both functions reach each other.</summary>
    /// <returns>False if there are <see cref="Limits.GuardedPairs"/> already.</returns>
    public bool Allow(Bdf one, Bdf other)
    {
        if (_pairs.Count == Limits.GuardedPairs) return false;
        _pairs.Add(PairOf(one, other));
        return true;
    }

    public void Revoke(Bdf one, Bdf other) => _pairs.Remove(PairOf(one, other));

    /// <summary>Forgets functions and pairs; the counts stay.</summary>
    public void Clear()
    {
        _functions.Clear();
        _pairs.Clear();
    }

    /// <summary>Whether the request may pass; if not, it is counted.</summary>
    public bool Admits(ref readonly Tlp request)
    {
        if (!IsEnabled) return true;
        var target = TargetOf(request.Address);
        if (target is { } known && _pairs.Contains(PairOf(request.Requester, known))) return true;
        TotalRefused++;
        // Which pairs there can be is bounded by what is known; of the rest one count for each requester is enough.
        _refused[(request.Requester, target)] = _refused.GetValueOrDefault((request.Requester, target)) + 1;
        return false;
    }

    private Bdf? TargetOf(ulong address)
    {
        foreach (var (range, function) in _functions)
            if (range.Contains(address))
                return function;
        return null;
    }

    private static uint PairOf(Bdf one, Bdf other) =>
        one < other ? (uint)one.Value << 16 | other.Value : (uint)other.Value << 16 | one.Value;
}
