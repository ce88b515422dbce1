using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using PcieFabric.Engine;
using PcieFabric.Journals;

namespace PcieFabric.Recording;

/// <summary>
/// A stretch of a run as bytes: what happened, as it was, so that the thread that runs it does no more than copy. Memory that never moves, as payloads are referred to in it.
/// Bodies stand from its start on, each on whole cache lines, so that a message is one store to one line; what they are stands from its end down.
/// </summary>
internal sealed unsafe class RunBatch
{
    /// <summary>Many handovers cost more than memory that does not fit a processor's cache.</summary>
    private const int EnoughBytes = 512 << 10;

    private const int LineBytes = 64;

    /// <summary>Of a message and its payload.</summary>
    public const int LongestMessageBytes = 2 * sizeof(int) + Engine.Message.SizeBytes + Limits.MaxPayloadBytes;

    private const int DigestsMark = -1, InputMark = -2;

    /// <summary>Has all of it, pinned, and lives as long as this does.</summary>
    private byte[] _memory = [];
    private byte* _start, _end;
    private Head* _heads, _top;

    public RunBatch() => Take(EnoughBytes);

    /// <param name="Channel">Of a message, or a mark of something else.</param>
    /// <param name="Number">The place of a message's payload; how many digests, or bytes of an input's body.</param>
    private readonly record struct Head(int Channel, int Number);

    public bool IsEmpty => _heads == _top;

    public static int SizeOf(ReadOnlySpan<ActorDigest> digests) => sizeof(Head) + InLines(2 * sizeof(long) + digests.Length * sizeof(ActorDigest));

    public static int SizeOfInput(ReadOnlySpan<byte> body) => sizeof(Head) + InLines(sizeof(MessageHead) + body.Length);

    public bool HasRoom(int bytes) => (byte*)_heads - _end >= bytes;

    /// <summary>Makes room in an empty batch for what is longer than any other.</summary>
    public void MakeRoom(int bytes)
    {
        if (!HasRoom(bytes)) Take(bytes);
    }

    public void Clear()
    {
        _end = _start;
        _heads = _top;
    }

    /// <summary>Adds a message, and the payload if it is a new one. There is room.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(ref readonly Message message, int channelId, PayloadPlace payload)
    {
        *--_heads = new Head(channelId, payload.Back);
        var kept = (Message*)_end;
        *kept = message;
        _end += Engine.Message.SizeBytes;
        if (payload != PayloadPlace.New) return;
        kept->Tlp.MovePayload(_end);
        _end += InLines(message.Tlp.PayloadBytes);
    }

    public void Add(long fromPs, long toPs, ReadOnlySpan<ActorDigest> digests)
    {
        var bytes = MemoryMarshal.AsBytes(digests);
        var to = Reserve(DigestsMark, digests.Length, 2 * sizeof(long) + bytes.Length);
        MemoryMarshal.Write(to, fromPs);
        MemoryMarshal.Write(to[sizeof(long)..], toPs);
        bytes.CopyTo(to[(2 * sizeof(long))..]);
    }

    public void Add(in MessageHead head, ReadOnlySpan<byte> body)
    {
        var to = Reserve(InputMark, body.Length, sizeof(MessageHead) + body.Length);
        MemoryMarshal.Write(to, head);
        body.CopyTo(to[sizeof(MessageHead)..]);
    }

    public void GiveTo(IRunScribe scribe)
    {
        var at = _start;
        for (var head = _top - 1; head >= _heads; head--)
        {
            switch (head->Channel)
            {
                case DigestsMark:
                    var digests = new ReadOnlySpan<ActorDigest>(at + 2 * sizeof(long), head->Number);
                    scribe.Digests(((long*)at)[0], ((long*)at)[1], digests);
                    at += InLines(2 * sizeof(long) + digests.Length * sizeof(ActorDigest));
                    break;
                case InputMark:
                    var body = new ReadOnlySpan<byte>(at + sizeof(MessageHead), head->Number);
                    scribe.Input(in *(MessageHead*)at, body);
                    at += InLines(sizeof(MessageHead) + body.Length);
                    break;
                default:
                    ref readonly var message = ref *(Message*)at;
                    var place = new PayloadPlace(head->Number);
                    scribe.Message(in message, head->Channel, place);
                    at += Engine.Message.SizeBytes + (place == PayloadPlace.New ? InLines(message.Tlp.PayloadBytes) : 0);
                    break;
            }
        }
    }

    private Span<byte> Reserve(int mark, int number, int bytes)
    {
        *--_heads = new Head(mark, number);
        var reserved = new Span<byte>(_end, bytes);
        _end += InLines(bytes);
        return reserved;
    }

    private void Take(int bytes)
    {
        bytes = InLines(bytes);
        _memory = GC.AllocateUninitializedArray<byte>(bytes + LineBytes, pinned: true);
        _start = (byte*)InLines((nint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_memory)));
        _top = (Head*)(_start + bytes);
        Clear();
    }

    private static int InLines(int bytes) => (int)InLines((nint)bytes);

    private static nint InLines(nint bytes) => bytes + LineBytes - 1 & -LineBytes;
}
