using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using PcieFabric.Engine;
using PcieFabric.Journals;

namespace PcieFabric.Recording;

/// <summary>
/// Compares all messages of a run with a journal's, each where it is: with what its receiver should get, which another thread has made of the journal by then. That proves that they are equal, or
/// leaves the message and all after it to <see cref="MessageComparison"/>, which alone says that they are not.
/// </summary>
internal sealed unsafe class RunComparison : Comparison, IDisposable
{
    /// <summary>Which bits of a message say something, by <see cref="ExpectedBody"/>.</summary>
    private static readonly Vector512<ulong>[] Said = [.. Enumerable.Range(0, (int)ExpectedBody.NewPayload + 1).Select(body => SaidIn((ExpectedBody)body))];

    private readonly JournalReader _journal;
    private readonly SimTime? _until;
    private readonly JournalBlock[] _blocks;
    private readonly ExpectedRun _expected;

    /// <summary>The rentals of the payloads in reach, by their numbers.</summary>
    private readonly ulong[] _rentals = new ulong[JournalFormat.PayloadsInReach];
    private ExpectedBatch _batch;
    private byte* _line;

    /// <summary>Behind that of the next message. Where it is <see cref="_lastHead"/>, the batch is at its end.</summary>
    private ExpectedHead* _head, _lastHead;

    /// <summary>Messages of the batches before.</summary>
    private long _compared;
    private MessageComparison? _exact;

    public RunComparison(JournalReader journal, SimTime? until)
    {
        (_journal, _until) = (journal, until);
        _blocks = [.. journal.Blocks.Where(b => b.Header.Kind == BlockKind.Messages)];
        _expected = new ExpectedRun(new ExpectedMessages(journal, _blocks, (until ?? SimTime.Never).Picoseconds));
        Begin(_expected.Next());
    }

    public override long Compared => _exact?.Compared ?? _compared + Passed;

    /// <summary>Of these, what was not found equal at once.</summary>
    public long ComparedExactly => _exact is null ? 0 : _exact.Compared - _compared;

    public override void Message(ref readonly Message message, int channelId)
    {
        if (_head != _lastHead || TryBeginNext())
        {
            var head = _head[-1];
            var actual = Vector512.LoadUnsafe(ref Unsafe.As<Message, ulong>(ref Unsafe.AsRef(in message)));
            var difference = (actual ^ Vector512.Load((ulong*)_line)) & Said[(int)head.Body];
            if (difference == Vector512<ulong>.Zero && head.ChannelId == channelId && (head.Body < ExpectedBody.KnownPayload || HasPayload(head, in message)))
            {
                _head--;
                _line += Engine.Message.SizeBytes;
                ComparedUntilPs = message.DeliveredAtPs;
                return;
            }
        }
        CompareExactly(in message, channelId);
    }

    public override void Finish()
    {
        if (IsDecided) return;
        BeExact();
        _exact.Finish();
        Take(_exact);
    }

    public void Dispose()
    {
        _expected.Dispose();
        _exact?.Dispose();
    }

    private int Passed => (int)(_batch.FirstHead - _head);

    /// <summary>A payload that has been compared is told by who rented its memory, as a recorder tells it.</summary>
    private bool HasPayload(ExpectedHead head, ref readonly Message message)
    {
        ref var rental = ref _rentals[head.Payload];
        if (head.Body == ExpectedBody.KnownPayload) return rental == message.Tlp.PayloadIdentity.Rental;
        var payload = message.Tlp.Payload;
        if (!payload.SequenceEqual(new ReadOnlySpan<byte>(_line + Engine.Message.SizeBytes, payload.Length))) return false;
        rental = message.Tlp.PayloadIdentity.Rental;
        _line += ExpectedBatch.InLines(payload.Length);
        return true;
    }

    private bool TryBeginNext()
    {
        while (_exact is null && _head == _lastHead)
        {
            if (_batch.IsLast) return false;
            _compared += Passed;
            Begin(_expected.Next());
        }
        return _exact is null;
    }

    [MemberNotNull(nameof(_batch))]
    private void Begin(ExpectedBatch batch)
    {
        _batch = batch;
        _line = batch.FirstLine;
        _head = batch.FirstHead;
        _lastHead = batch.LastHead;
    }

    private void CompareExactly(ref readonly Message message, int channelId)
    {
        BeExact();
        _exact.Message(in message, channelId);
        Take(_exact);
    }

    /// <summary>From the next message on.</summary>
    [MemberNotNull(nameof(_exact))]
    private void BeExact()
    {
        if (_exact is not null) return;
        var (block, record) = (_batch.Block, _batch.FirstRecord + Passed);
        if (block < _blocks.Length && record == _blocks[block].Header.Records) (block, record) = (block + 1, 0);
        _compared += Passed;
        _exact = new MessageComparison(_journal, block < _blocks.Length ? _journal.MessagesFrom(_blocks[block], _until).Skip(record) : [], _until, _compared);
        _head = _lastHead;
    }

    private void Take(MessageComparison exact)
    {
        (Divergence, IsOver) = (exact.Divergence, exact.IsOver);
        ComparedUntilPs = Math.Max(ComparedUntilPs, exact.ComparedUntilPs);
    }

    /// <summary>Of a TLP's last words, the number of its payload's memory tells nothing, nor do the bytes behind a payload that it has itself.</summary>
    private static Vector512<ulong> SaidIn(ExpectedBody body)
    {
        if (body == ExpectedBody.Bytes) return Vector512<ulong>.AllBitsSet;
        Span<byte> own = stackalloc byte[2 * sizeof(ulong)];
        own.Clear();
        if (body < ExpectedBody.KnownPayload) own[..((body - ExpectedBody.Tlp) * sizeof(uint))].Fill(byte.MaxValue);
        var last = Vector256.Create(ulong.MaxValue, uint.MaxValue, MemoryMarshal.Read<ulong>(own), MemoryMarshal.Read<ulong>(own[sizeof(ulong)..]));
        return Vector512.Create(Vector256<ulong>.AllBitsSet, last);
    }
}
