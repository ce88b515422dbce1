using PcieFabric.Engine;
using PcieFabric.Input;
using PcieFabric.Journals;

namespace PcieFabric.Recording;

/// <summary>
/// Runs one actor of a recorded run alone: all others are mute, what they sent it comes from the journal, and what it sends is compared with what it sent then. So a
/// fault is found in the actor that has it, however far from where it shows.
/// </summary>
internal sealed class ActorReplay
{
    /// <summary>Recorded messages that wait in the actor's channels at a time: few beside what a channel holds, many beside what starting the engine costs.</summary>
    private const int Batch = 1024;

    private readonly JournalReader _journal;
    private readonly DeterministicEngine _engine;
    private readonly int _actor;
    private readonly SimTime _end;

    private ActorReplay(JournalReader journal, DeterministicEngine engine, int actor, SimTime? until)
    {
        (_journal, _engine, _actor) = (journal, engine, actor);
        var lastPs = journal.Blocks.Where(b => b.Header.Kind == BlockKind.Messages).Select(b => b.Header.ToPs).DefaultIfEmpty(0).Max();
        _end = new SimTime(Math.Min(lastPs + 1, (until ?? SimTime.Never).Picoseconds));
    }

    public static ReplayResult Run(JournalReader journal, FabricRun run, string path, SimTime? until)
    {
        if (journal.Run.Level != JournalLevel.Messages)
            throw new InputException("an actor is replayed from its messages, and the journal has none", "record with --journal-level messages", new SourceLocation(journal.Name));
        var actor = journal.Actors.ToList().IndexOf(path);
        if (actor < 0) throw new InputException($"the journal has no actor '{path}'", DidYouMean.For(path, journal.Actors) ?? "'pciefabric journal stats FILE' lists them", new SourceLocation(journal.Name));

        var replay = new ActorReplay(journal, run.Fabric.Engine, actor, until);
        using var comparison = new MessageComparison(journal, journal.Messages(until: replay._end), replay._end, sender: actor);
        var divergence = replay.Run(comparison);
        return new ReplayResult(journal.Run, divergence, comparison.Compared, 0, new SimTime(comparison.ComparedUntilPs));
    }

    private Divergence? Run(MessageComparison comparison)
    {
        foreach (var cell in _engine.Cells)
            if (cell.Index != _actor) _engine.StandIn(cell.Path, new MuteActor());
        var tap = new RunTap(_engine, new RecorderOptions().DigestTimes, wantsMessages: true, comparison);
        try
        {
            Feed();
            tap.Finish();
            comparison.Finish();
        }
        catch (ReplayStoppedException)
        {
        }
        catch (ActorFailedException failure) when (comparison.Divergence is null)
        {
            return new Divergence(_engine.Now, $"in {_journal.Actors[_actor]}", "it went on", failure.Message);
        }
        return comparison.Divergence;
    }

    /// <summary>What it tells itself it tells itself again; only the others' messages come from the journal.</summary>
    private void Feed()
    {
        var waiting = 0;
        var lastPs = 0L;
        foreach (var message in _journal.Messages(until: _end))
        {
            var channel = _journal.Channels[message.ChannelId];
            if (channel.Receiver != _actor || channel.Sender == _actor) continue;
            if (waiting >= Batch && message.DeliveredAtPs > lastPs)
            {
                _engine.Run(new SimTime(message.DeliveredAtPs));
                waiting = 0;
            }
            var way = _engine.Channels[message.ChannelId];
            var decoded = Decode(in message, way.Receiver.Payloads);
            way.Enqueue(in decoded, message.DeliveredAtPs);
            waiting++;
            lastPs = message.DeliveredAtPs;
        }
        _engine.Run(_end);
    }

    private Message Decode(in JournalMessage message, PayloadPool pool)
    {
        try
        {
            return RecordedMessages.Decode(in message, pool);
        }
        catch (InvalidDataException wrong)
        {
            throw new InputException($"the message at {new SimTime(message.DeliveredAtPs)} is {wrong.Message}", "the actor cannot be fed what is malformed; replay the whole fabric", new SourceLocation(_journal.Name), wrong);
        }
    }
}
