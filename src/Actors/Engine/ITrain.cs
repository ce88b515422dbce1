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
    /// <returns>Null where something on the way could tell a train from what it stands for.</returns>
    ITrain? TryDepart(long nowPs);
}
