namespace PcieFabric.DmaEngines;

/// <summary>
/// Lets channels send in turns, each as many requests as its weight says. A channel that the controller has no credits for keeps its turn: others of the arbiter would want the same.
/// </summary>
internal sealed class DmaArbiter
{
    private readonly DmaEngine _engine;
    private readonly IReadOnlyList<DmaChannel> _channels;
    private DmaChannel? _granted;
    private int _turn;
    private int _left;
    private bool _starved;

    public DmaArbiter(DmaEngine engine, IReadOnlyList<DmaChannel> channels)
    {
        (_engine, _channels) = (engine, channels);
        foreach (var channel in channels) channel.Arbiter = this;
    }

    public bool MayLeave(DmaChannel channel, in Tlp request)
    {
        if (_granted != channel || _left == 0) return false;
        if (_engine.HasCredits(in request)) return true;
        _starved = true;
        return false;
    }

    /// <summary>The channel whose turn it is has sent a request.</summary>
    public void Left() => _left--;

    /// <summary>Lets all send what they may. To be called when there are more credits, or more to send.</summary>
    public void Grant()
    {
        _starved = false;
        for (var idle = 0; idle < _channels.Count && !_starved;)
        {
            _granted = _channels[_turn];
            if (_left == 0) _left = _granted.Weight;
            var before = _left;
            _granted.Requester.Issue();
            idle = _left == before ? idle + 1 : 0;
            _granted = null;
            if (_starved) return;
            _turn = (_turn + 1) % _channels.Count;
            _left = 0;
        }
    }
}
