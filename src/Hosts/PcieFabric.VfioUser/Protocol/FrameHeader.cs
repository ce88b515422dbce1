using System.Runtime.InteropServices;
using PcieFabric.VfioUser.Interop;

namespace PcieFabric.VfioUser.Protocol;

/// <summary>The first 16 bytes of each message, in the byte order of the machine (vfio-user, "Header").</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct FrameHeader
{
    /// <summary>Of the structure, in bytes.</summary>
    public const int Bytes = 16;

    private const uint TypeBits = 0xf, ReplyType = 1, NoReplyFlag = 1 << 4, ErrorFlag = 1 << 5;

    /// <summary>Chosen by who asks, repeated by who replies.</summary>
    public ushort Id;

    public Command Command;

    /// <summary>Of the whole message, this header included.</summary>
    public uint SizeBytes;

    public uint Flags;

    /// <summary>Valid in replies that are errors; may be 0 even there.</summary>
    public Errno Error;

    public readonly bool IsCommand => (Flags & TypeBits) == 0;

    public readonly bool IsReply => (Flags & TypeBits) == ReplyType;

    public readonly bool WantsNoReply => (Flags & NoReplyFlag) != 0;

    public readonly bool IsError => (Flags & ErrorFlag) != 0;

    public static FrameHeader Asking(ushort id, Command command, int payloadBytes, bool noReply = false) =>
        new() { Id = id, Command = command, SizeBytes = (uint)(Bytes + payloadBytes), Flags = noReply ? NoReplyFlag : 0 };

    public static FrameHeader Replying(in FrameHeader to, int payloadBytes) =>
        new() { Id = to.Id, Command = to.Command, SizeBytes = (uint)(Bytes + payloadBytes), Flags = ReplyType };

    /// <summary>An error has no payload.</summary>
    public static FrameHeader Failing(in FrameHeader to, Errno error) =>
        new() { Id = to.Id, Command = to.Command, SizeBytes = Bytes, Flags = ReplyType | ErrorFlag, Error = error };
}
