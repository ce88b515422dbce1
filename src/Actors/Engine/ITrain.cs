namespace PcieFabric.Engine;

/// <summary>
/// A stretch of traffic that stands for many messages between a few actors, none of which anybody else touches meanwhile. The engine has it dissolve
/// into the messages that it stands for before one of its actors gets any other message, so that nobody can tell.
/// </summary>
internal interface ITrain
{
    /// <summary>When it dissolves at the latest, in picoseconds.</summary>
    long StopPs { get; }

    /// <summary>Requests that were not followed one by one, as they do what others did before; known once it has dissolved.</summary>
    long Skipped { get; }

    /// <summary>The actors that it stands in for, or whose memory it fills.</summary>
    IReadOnlyCollection<ActorCell> Cells { get; }

    /// <summary>Those of <see cref="Cells"/> that are free while it rests.</summary>
    IReadOnlyList<ActorCell> CellsAtSource { get; }

    /// <summary>The actor that may let it go on, while it rests; null while it goes.</summary>
    ActorCell? RestsAt { get; }

    /// <summary>
    /// Called when it comes to its end with nobody in its way. It may rest instead of dissolving: its source alone is brought to where it would be, and gets messages, so that the train can go on with
    /// what the source has next in that very picosecond. Called again when that has passed: it may rest on while a device gets to its next transfer.
    /// </summary>
    /// <returns>False if it is to be dissolved now.</returns>
    bool TryRest();

    /// <summary>Brings all actors to where they would be with everything before <paramref name="limitPs"/> delivered and nothing else, and sends what is then on its way.</summary>
    /// <param name="isPause">Nobody came by: the run ends here, and may go on later.</param>
    void Dissolve(long limitPs, bool isPause);

    /// <summary>It has dissolved, or failed to: others may have what it held.</summary>
    void LetGo();
}

/// <summary>An actor's part that has much to send, one thing like the other.</summary>
internal interface ITrainSource
{
    /// <summary>Called when the actor is done with its message. Takes the messages that it will stand for out of their channels.</summary>
    /// <returns>Null where something on the way could tell a train from what it stands for. One that rested may go on.</returns>
    ITrain? TryDepart(long nowPs);
}
