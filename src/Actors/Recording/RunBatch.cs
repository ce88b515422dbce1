using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using PcieFabric.Engine;
using PcieFabric.Journals;

namespace PcieFabric.Recording;

/// <summary>A stretch of a run as bytes: what happened, as it was, so that the thread that runs it does no more than copy. Memory that never moves, as payloads are referred to in it.</summary>
internal sealed unsafe class RunBatch
{
    /// <summary>Many handovers cost more than memory that does not fit a processor's cache.</summary>
    private const int EnoughBytes = 512 << 10;

    /// <summary>Of a message and its payload.</summary>
    public const int LongestMessageBytes = 2 * sizeof(int) + Engine.Message.SizeBytes + Limits.MaxPayloadBytes;

    private const int DigestsMark = -1, InputMark = -2;

    private byte[] _bytes = GC.AllocateUninitializedArray<byte>(EnoughBytes, pinned: true);
    private int _end;

    /// <param name="Channel">Of a message, or a mark of something else.</param>
    /// <param name="Number">The place of a message's payload; how many digests, or bytes of an input's body.</param>
    private readonly record struct Head(int Channel, int Number);

    public bool IsEmpty => _end == 0;

    public static int SizeOf(ReadOnlySpan<ActorDigest> digests) => sizeof(Head) + 2 * sizeof(long) + digests.Length * sizeof(ActorDigest);

    public static int SizeOfInput(ReadOnlySpan<byte> body) => sizeof(Head) + Aligned(sizeof(MessageHead) + body.Length);

    public bool HasRoom(int bytes) => _bytes.Length - _end >= bytes;

    /// <summary>Makes room in an empty batch for what is longer than any other.</summary>
    public void MakeRoom(int bytes)
    {
        if (!HasRoom(bytes)) _bytes = GC.AllocateUninitializedArray<byte>(bytes, pinned: true);
    }

    public void Clear() => _end = 0;

    /// <summary>Adds a message, and the payload if it is a new one. There is room.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(ref readonly Message message, int channelId, PayloadPlace payload)
    {
        ref var at = ref MemoryMarshal.GetArrayDataReference(_bytes);
        Unsafe.WriteUnaligned(ref Unsafe.Add(ref at, _end), new Head(channelId, payload.Back));
        ref var kept = ref Unsafe.As<byte, Message>(ref Unsafe.Add(ref at, _end + sizeof(Head)));
        kept = message;
        _end += sizeof(Head) + Engine.Message.SizeBytes;
        if (payload != PayloadPlace.New) return;
        kept.Tlp.MovePayload((byte*)Unsafe.AsPointer(ref Unsafe.Add(ref at, _end)));
        _end += Aligned(message.Tlp.PayloadBytes);
    }

    public void Add(long fromPs, long toPs, ReadOnlySpan<ActorDigest> digests)
    {
        var bytes = MemoryMarshal.AsBytes(digests);
        var head = Reserve(DigestsMark, digests.Length, 2 * sizeof(long) + bytes.Length);
        MemoryMarshal.Write(head, fromPs);
        MemoryMarshal.Write(head[sizeof(long)..], toPs);
        bytes.CopyTo(head[(2 * sizeof(long))..]);
    }

    public void Add(in MessageHead head, ReadOnlySpan<byte> body)
    {
        var to = Reserve(InputMark, body.Length, sizeof(MessageHead) + body.Length);
        MemoryMarshal.Write(to, head);
        body.CopyTo(to[sizeof(MessageHead)..]);
    }

    public void GiveTo(IRunScribe scribe)
    {
        for (var at = 0; at < _end;)
        {
            var head = Unsafe.ReadUnaligned<Head>(ref _bytes[at]);
            at += sizeof(Head);
            switch (head.Channel)
            {
                case DigestsMark:
                    var times = MemoryMarshal.Cast<byte, long>(_bytes.AsSpan(at, 2 * sizeof(long)));
                    var digests = MemoryMarshal.Cast<byte, ActorDigest>(_bytes.AsSpan(at + 2 * sizeof(long), head.Number * sizeof(ActorDigest)));
                    scribe.Digests(times[0], times[1], digests);
                    at += Aligned(2 * sizeof(long) + head.Number * sizeof(ActorDigest));
                    break;
                case InputMark:
                    scribe.Input(MemoryMarshal.Read<MessageHead>(_bytes.AsSpan(at)), _bytes.AsSpan(at + sizeof(MessageHead), head.Number));
                    at += Aligned(sizeof(MessageHead) + head.Number);
                    break;
                default:
                    ref readonly var message = ref Unsafe.As<byte, Message>(ref _bytes[at]);
                    var place = new PayloadPlace(head.Number);
                    scribe.Message(in message, head.Channel, place);
                    at += Engine.Message.SizeBytes + (place == PayloadPlace.New ? Aligned(message.Tlp.PayloadBytes) : 0);
                    break;
            }
        }
    }

    private Span<byte> Reserve(int mark, int number, int bytes)
    {
        Unsafe.WriteUnaligned(ref _bytes[_end], new Head(mark, number));
        var reserved = _bytes.AsSpan(_end + sizeof(Head), bytes);
        _end += sizeof(Head) + Aligned(bytes);
        return reserved;
    }

    private static int Aligned(int bytes) => bytes + sizeof(Head) - 1 & -sizeof(Head);
}
