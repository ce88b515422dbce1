using PcieFabric.Engine;
using PcieFabric.Journals;

namespace PcieFabric.Recording;

/// <summary>Compares message by message.</summary>
/// <param name="recorded">Messages of the journal, from <paramref name="compared"/> on; those at or after <paramref name="until"/> are left out.</param>
/// <param name="compared">Messages that have been compared already.</param>
/// <param name="sender">Only messages from this actor; null for all.</param>
internal sealed class MessageComparison(JournalReader journal, IEnumerable<JournalMessage> recorded, SimTime? until, long compared = 0, int? sender = null) : Comparison, IDisposable
{
    private const string Nothing = "nothing more";

    private readonly long _untilPs = (until ?? SimTime.Never).Picoseconds;
    private readonly RecordedMessages _text = new(journal);
    private readonly IEnumerator<JournalMessage> _recorded = recorded.Where(m => sender is null || journal.Channels[m.ChannelId].Sender == sender).GetEnumerator();
    private readonly byte[] _body = new byte[MessageBody.MaxBytes];

    private long _compared = compared;

    public override long Compared => _compared;

    public override void Message(ref readonly Message message, int channelId)
    {
        var bytes = MessageBody.Encode(in message, _body);
        Compare(new JournalMessage(message.DeliveredAtPs, channelId, (ushort)message.Kind, message.Detail, _body.AsMemory(0, bytes)));
    }

    public void Compare(in JournalMessage message)
    {
        if (IsDecided || (sender is not null && journal.Channels[message.ChannelId].Sender != sender)) return;
        if (message.DeliveredAtPs >= _untilPs)
        {
            Finish();
        }
        else if (!_recorded.MoveNext())
        {
            IsOver = true;
            // Where the journal was cut nobody knows what came next.
            if (!journal.IsTruncated) Diverged(message.DeliveredAtPs, Nothing, _text.DescribeFully(in message));
        }
        else if (_recorded.Current is var recorded && !recorded.Matches(in message))
        {
            Diverged(Math.Min(recorded.DeliveredAtPs, message.DeliveredAtPs), _text.DescribeFully(in recorded), _text.DescribeFully(in message), DataDifference(in recorded, in message));
        }
        else
        {
            _compared++;
            ComparedUntilPs = message.DeliveredAtPs;
        }
    }

    public override void Finish()
    {
        if (IsDecided) return;
        IsOver = true;
        if (_recorded.MoveNext()) Diverged(_recorded.Current.DeliveredAtPs, _text.DescribeFully(_recorded.Current), Nothing);
    }

    public void Dispose() => _recorded.Dispose();

    private void Diverged(long atPs, string recorded, string replayed, string difference = "")
    {
        var whose = sender is { } actor ? $" that {journal.Actors[actor]} sends" : "";
        Divergence = new Divergence(new SimTime(atPs), $"message {Compared}{whose}{difference}", recorded, replayed);
    }

    /// <summary>Payloads are not part of a message's one line.</summary>
    private string DataDifference(in JournalMessage recorded, in JournalMessage replayed)
    {
        if (recorded.Body.Length != replayed.Body.Length || _text.DescribeFully(in recorded) != _text.DescribeFully(in replayed)) return "";
        var at = recorded.Body.Span.CommonPrefixLength(replayed.Body.Span);
        return at == recorded.Body.Length
            ? $", in its detail: {recorded.Detail} where it is {replayed.Detail}"
            : $", in its data: byte {at} of the message was 0x{recorded.Body.Span[at]:x2} and is 0x{replayed.Body.Span[at]:x2}";
    }
}
