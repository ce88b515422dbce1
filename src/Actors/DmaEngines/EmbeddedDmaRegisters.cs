namespace PcieFabric.DmaEngines;

/// <summary>
/// Where the registers of DesignWare's eDMA are, in its unrolled layout (drivers/dma/dw-edma/dw-edma-v0-regs.h). What the two directions both have is in
/// <see cref="Write"/> and <see cref="Read"/>; a channel's registers start at <see cref="ChannelOffset"/>.
/// </summary>
public sealed record EmbeddedDmaRegisters
{
    /// <summary>Arbitration priorities, and the numbers of channels: of write channels in bits 3:0, of read channels in bits 19:16.</summary>
    public const uint Priority = 0x000, Control = 0x008;

    /// <summary>In a channel.</summary>
    public const uint ChannelControl1 = 0x00, ChannelControl2 = 0x04, TransferSize = 0x08, Source = 0x0C, Target = 0x14, ListPointer = 0x1C;

    /// <summary>Of a channel's registers, without the gap behind them.</summary>
    public const int ChannelBytes = 0x24;

    /// <summary>Of everything.</summary>
    public const uint Bytes = FirstChannel + Limits.MaxDmaChannels * ChannelStride;

    /// <summary>In a doorbell: the channel in bits 2:0 is to stop.</summary>
    public const uint DoorbellStop = 1u << 31;

    private const uint FirstChannel = 0x200, ChannelStride = 0x200, DirectionStride = 0x100;

    /// <summary>From local memory to the bus.</summary>
    public static readonly EmbeddedDmaRegisters Write = new()
    {
        IsWrite = true,
        EngineEnable = 0x00C,
        Doorbell = 0x010,
        Weights = 0x018,
        InterruptStatus = 0x04C,
        InterruptMask = 0x054,
        InterruptClear = 0x058,
        ErrorStatus = 0x05C,
        DoneMessage = 0x060,
        AbortMessage = 0x068,
        MessageData = 0x070,
        ListErrorEnable = 0x090,
    };

    /// <summary>From the bus to local memory.</summary>
    public static readonly EmbeddedDmaRegisters Read = new()
    {
        EngineEnable = 0x02C,
        Doorbell = 0x030,
        Weights = 0x038,
        InterruptStatus = 0x0A0,
        InterruptMask = 0x0A8,
        InterruptClear = 0x0AC,
        ErrorStatus = 0x0B4,
        DoneMessage = 0x0CC,
        AbortMessage = 0x0D4,
        MessageData = 0x0DC,
        ListErrorEnable = 0x0C4,
    };

    public bool IsWrite { get; private init; }

    /// <summary>Bit 0. Clearing it stops all channels of the direction.</summary>
    public uint EngineEnable { get; private init; }

    /// <summary>A channel's number starts it.</summary>
    public uint Doorbell { get; private init; }

    /// <summary>Five bits for each of channels 0 to 3, and of 4 to 7 in the next DW: requests in a turn, less one.</summary>
    public uint Weights { get; private init; }

    /// <summary>Done in bits 7:0, abort in bits 23:16. A write of any value emulates an interrupt and starts nothing.</summary>
    public uint InterruptStatus { get; private init; }

    /// <summary>As <see cref="InterruptStatus"/>: what the endpoint's processor is not told.</summary>
    public uint InterruptMask { get; private init; }

    /// <summary>As <see cref="InterruptStatus"/>: a one clears, for an abort the channel's errors too. A write of any value takes an emulated interrupt back.</summary>
    public uint InterruptClear { get; private init; }

    /// <summary>Of local memory in bits 7:0, of the list in bits 23:16. Of reads the next DW tells of completions: unsupported request, completer abort, timeout, poisoned data, a byte each.</summary>
    public uint ErrorStatus { get; private init; }

    /// <summary>Where the message goes that tells of an end, 64 bits.</summary>
    public uint DoneMessage { get; private init; }

    /// <summary>Where the message goes that tells of an abort, 64 bits.</summary>
    public uint AbortMessage { get; private init; }

    /// <summary>The data of the messages: sixteen bits for each channel.</summary>
    public uint MessageData { get; private init; }

    /// <summary>Aborts of lists: bits 7:0 tell the host (LLRAIE), bits 23:16 the endpoint (LLLAIE).</summary>
    public uint ListErrorEnable { get; private init; }

    public uint ChannelOffset(int channel) => FirstChannel + (uint)channel * ChannelStride + (IsWrite ? 0 : DirectionStride);

    /// <returns>-1 where the offset is of no channel.</returns>
    internal static int ChannelAt(uint offset, out bool isWrite, out uint register)
    {
        var place = offset - FirstChannel;
        (isWrite, register) = (place % ChannelStride < DirectionStride, place % DirectionStride);
        return offset is >= FirstChannel and < Bytes && register < ChannelBytes ? (int)(place / ChannelStride) : -1;
    }
}
