namespace PcieFabric.Engine;

/// <summary>
/// Numbers for actors that are made only when somebody has to do with them. A fabric of a million functions has few that do anything; the others cost
/// their numbers alone, and as these follow from the topology, the order of messages does not depend on who was made and when.
/// </summary>
/// <remarks>All actors of a reservation are alike: one partition, and as many channels each.</remarks>
internal sealed class Reservation
{
    private readonly DeterministicEngine _engine;
    private readonly int _firstChannel;
    private readonly int _channelsEach;
    private readonly Func<int, string> _path;
    private readonly Action<int, IActorEngine> _make;

    /// <param name="channelsEach">Those of an actor with itself and with actors that are there already.</param>
    /// <param name="path">By place from zero.</param>
    /// <param name="make">Spawns the actor with this place and makes all its channels; nothing else.</param>
    public Reservation(DeterministicEngine engine, int firstActor, int actors, int firstChannel, int channelsEach, Func<int, string> path, Action<int, IActorEngine> make)
    {
        (_engine, FirstActor, Actors) = (engine, firstActor, actors);
        (_firstChannel, _channelsEach, _path, _make) = (firstChannel, channelsEach, path, make);
    }

    public int FirstActor { get; }

    public int Actors { get; }

    public string PathOf(int actor) => _path(actor - FirstActor);

    public bool HasChannel(int channel) => channel >= _firstChannel && channel < _firstChannel + Actors * _channelsEach;

    public int ActorOfChannel(int channel) => FirstActor + (channel - _firstChannel) / _channelsEach;

    /// <summary>Makes an actor that is not there yet. During a run only where the actors are that it is wired to, on their partition's thread.</summary>
    public void Make(int actor)
    {
        var place = actor - FirstActor;
        var numbers = new Numbers(_engine, actor, _firstChannel + place * _channelsEach);
        _make(place, numbers);
        numbers.CheckUsed(_firstChannel + (place + 1) * _channelsEach);
    }

    /// <summary>Gives one actor and its channels the numbers that wait for them.</summary>
    private sealed class Numbers(DeterministicEngine engine, int actor, int nextChannel) : IActorEngine
    {
        private int _nextChannel = nextChannel;

        public void Spawn(Props props) => engine.SpawnAt(actor, _nextChannel++, props);

        public ActorRef Connect(Actor sender, Actor receiver, int inlet, SimTime lookAhead) => engine.ConnectAt(_nextChannel++, sender, receiver, inlet, lookAhead);

        public void CheckUsed(int endOfChannels)
        {
            if (_nextChannel != endOfChannels) throw new InvalidOperationException($"Invariant: a reserved actor makes as many channels as it was said to: {endOfChannels - _nextChannel} are left");
        }
    }
}
