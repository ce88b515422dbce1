using PcieFabric.Journals;

namespace PcieFabric.Recording;

/// <summary>Compares digests, interval by interval: tells in which interval an actor first received something else.</summary>
internal sealed class DigestComparison(JournalReader journal, SimTime? until) : Comparison
{
    private const string Nothing = "received nothing";

    private readonly long _untilPs = (until ?? SimTime.Never).Picoseconds;
    private readonly JournalBlock[] _blocks = [.. journal.Blocks.Where(b => b.Header.Kind == BlockKind.Digests && b.Header.ToPs <= (until ?? SimTime.Never).Picoseconds)];
    private int _next;
    private long _compared;

    public override long Compared => _compared;

    public override void Digests(long fromPs, long toPs, ReadOnlySpan<ActorDigest> digests)
    {
        if (IsDecided) return;
        if (toPs > _untilPs)
        {
            Finish();
        }
        else if (_next == _blocks.Length)
        {
            IsOver = true;
            if (!journal.IsTruncated) Diverged(fromPs, toPs, digests[0].Actor, Nothing, Received(digests[0]));
        }
        else if (_blocks[_next].Header.ToPs != toPs)
        {
            if (_blocks[_next].Header.ToPs > toPs) Diverged(fromPs, toPs, digests[0].Actor, Nothing, Received(digests[0]));
            else Missing();
        }
        else
        {
            Compare(fromPs, toPs, journal.Digests(_blocks[_next++]), digests);
        }
    }

    public override void Finish()
    {
        if (IsDecided) return;
        IsOver = true;
        if (_next < _blocks.Length) Missing();
    }

    private void Compare(long fromPs, long toPs, IReadOnlyList<ActorDigest> recorded, ReadOnlySpan<ActorDigest> replayed)
    {
        for (var i = 0; i < Math.Max(recorded.Count, replayed.Length); i++)
        {
            var was = i < recorded.Count ? recorded[i] : new ActorDigest(int.MaxValue, 0);
            var now = i < replayed.Length ? replayed[i] : new ActorDigest(int.MaxValue, 0);
            if (was != now)
            {
                var actor = Math.Min(was.Actor, now.Actor);
                Diverged(fromPs, toPs, actor, was.Actor == actor ? Received(was) : Nothing, now.Actor == actor ? Received(now) : Nothing);
                return;
            }
            _compared++;
        }
        ComparedUntilPs = toPs;
    }

    private void Missing()
    {
        var block = _blocks[_next];
        var first = journal.Digests(block)[0];
        Diverged(block.Header.FromPs, block.Header.ToPs, first.Actor, Received(first), Nothing);
    }

    private void Diverged(long fromPs, long toPs, int actor, string recorded, string replayed) => Divergence = new Divergence(
        new SimTime(fromPs), $"in what {journal.Actors[actor]} received before {new SimTime(toPs)} (record with messages to see which)", recorded, replayed);

    private static string Received(ActorDigest digest) => $"messages with digest {digest.Value:x16}";
}
