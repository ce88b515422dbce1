using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using PcieFabric.Engine;

namespace PcieFabric.Recording;

/// <summary>
/// A stretch of a journal as its messages will be in a run that repeats it. Memory that never moves. From its start on stand the messages, each on a cache line, and behind it the payload if
/// it is the first to have it; what else is known of them stands from its end down. So who compares reads both in order, and the processor fetches ahead.
/// </summary>
internal sealed unsafe class ExpectedBatch
{
    private const int LongestMessageBytes = Engine.Message.SizeBytes + Limits.MaxPayloadBytes + 16;

    /// <summary>Has all of it, pinned, and lives as long as this does.</summary>
    private readonly byte[] _memory = GC.AllocateUninitializedArray<byte>(RecordingLimits.ExpectedBatchBytes + Engine.Message.SizeBytes, pinned: true);
    private readonly byte* _end;

    public ExpectedBatch()
    {
        FirstLine = (byte*)InLines((nint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_memory)));
        _end = FirstLine + RecordingLimits.ExpectedBatchBytes;
        Begin(0, 0);
    }

    /// <summary>Number of the block, among those of messages, that it is of, and <see cref="FirstRecord"/> of the first message in there.</summary>
    public int Block { get; private set; }

    public int FirstRecord { get; private set; }

    /// <summary>There is none behind it: the journal is over, or what follows cannot be told.</summary>
    public bool IsLast { get; set; }

    public byte* FirstLine { get; }

    /// <summary>Behind the head of the first message; <see cref="LastHead"/> is that of the last.</summary>
    public ExpectedHead* FirstHead => (ExpectedHead*)_end;

    public ExpectedHead* LastHead { get; private set; }

    /// <summary>Where the next message goes.</summary>
    public Message* Line { get; private set; }

    /// <summary>Where its payload goes.</summary>
    public byte* Payload => (byte*)(Line + 1);

    public bool HasRoom => (byte*)LastHead - (byte*)Line >= LongestMessageBytes;

    public int Count => (int)(FirstHead - LastHead);

    public void Begin(int block, int record)
    {
        (Block, FirstRecord, IsLast) = (block, record, false);
        Line = (Message*)FirstLine;
        LastHead = FirstHead;
    }

    /// <summary>Line and payload have been written.</summary>
    public void Add(ExpectedHead head)
    {
        LastHead--;
        *LastHead = head;
        var bytes = Engine.Message.SizeBytes + (head.Body == ExpectedBody.NewPayload ? Line->Tlp.PayloadBytes : 0);
        Line = (Message*)((byte*)Line + InLines(bytes));
    }

    public static nint InLines(nint bytes) => bytes + Engine.Message.SizeBytes - 1 & -Engine.Message.SizeBytes;
}
