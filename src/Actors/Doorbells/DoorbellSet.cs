using System.Collections;

namespace PcieFabric.Doorbells;

/// <summary>Doorbells that were allocated together and are seen in one window.</summary>
public sealed class DoorbellSet : IReadOnlyList<Doorbell>
{
    private readonly Doorbell[] _doorbells;

    internal DoorbellSet(FunctionDoorbells owner, in DoorbellRequest request, ulong windowAddress, Func<DoorbellSet, int, Doorbell> make)
    {
        (Owner, Kind, WindowAddress, WindowBytes, PollInterval) = (owner, request.Kind, windowAddress, request.WindowBytes, request.PollInterval);
        _doorbells = new Doorbell[request.Count];
        for (var i = 0; i < _doorbells.Length; i++) _doorbells[i] = make(this, i);
    }

    public DoorbellKind Kind { get; }

    /// <summary>What a BAR, or a part of one, is to be mapped on.</summary>
    public ulong WindowAddress { get; }

    public ulong WindowBytes { get; }

    /// <summary>The reserved BAR in which the host sees them already; -1 where a BAR must be mapped.</summary>
    public int Bar { get; init; } = -1;

    public int Count => _doorbells.Length;

    public Doorbell this[int index] => _doorbells[index];

    /// <summary>No host rings them any more.</summary>
    public bool IsFreed { get; internal set; }

    internal FunctionDoorbells Owner { get; }

    internal ulong BarOffset { get; init; }

    internal SimTime PollInterval { get; }

    /// <summary>Memory that goes back with them.</summary>
    internal ulong? Memory { get; init; }

    public IEnumerator<Doorbell> GetEnumerator() => _doorbells.AsEnumerable().GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
