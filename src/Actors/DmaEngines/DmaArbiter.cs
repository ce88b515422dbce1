namespace PcieFabric.DmaEngines;

/// <summary>
/// Lets channels send in turns, each as many requests as its weight says. A channel that the controller has no credits for keeps its turn: others of the arbiter would want the same.
/// </summary>
internal sealed class DmaArbiter
{
    private readonly DmaEngine _engine;
    private readonly DmaChannel[] _channels;
    private DmaChannel? _granted;

    /// <summary>The channel that sent last, or is to go on.</summary>
    private int _turn;

    /// <summary>What it still may send before it is the next one's turn.</summary>
    private int _left;

    private bool _starved;

    public DmaArbiter(DmaEngine engine, DmaChannel[] channels)
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

    /// <summary>The channel whose turn it is has sent a request. With nobody else waiting that does not shorten its turn.</summary>
    public void Left() => _left = IsWanted(but: _channels[_turn]) ? _left - 1 : _channels[_turn].Weight;

    /// <summary>Lets all send what they may. To be called when there are more credits, or more to send.</summary>
    public void Grant()
    {
        _starved = false;
        if (_left > 0)
        {
            Let(_channels[_turn]);
            if (_starved) return;
            _left = 0;
        }
        for (var i = 1; i <= _channels.Length; i++)
        {
            var (last, next) = (_turn, (_turn + i) % _channels.Length);
            if (!_channels[next].Requester.HasUnsent) continue;
            (_turn, _left) = (next, _channels[next].Weight);
            var hasSent = Let(_channels[next]);
            if (_starved) return;
            _left = 0;
            if (hasSent) i = 0;
            else _turn = last;
        }
    }

    /// <summary>A train has sent so many requests of a channel while no other had any.</summary>
    public void Passed(DmaChannel channel, long requests)
    {
        if (requests > 0) (_turn, _left) = (Array.IndexOf(_channels, channel), channel.Weight);
        if (!(channel.Requester.Next is { } next && !_engine.HasCredits(in next))) _left = 0;
    }

    /// <returns>Whether it has sent anything.</returns>
    private bool Let(DmaChannel channel)
    {
        var before = channel.Requester.RequestsSent;
        _granted = channel;
        channel.Requester.TakeTurn();
        _granted = null;
        return channel.Requester.RequestsSent != before;
    }

    private bool IsWanted(DmaChannel but)
    {
        foreach (var channel in _channels)
            if (channel != but && channel.Requester.HasUnsent)
                return true;
        return false;
    }
}
