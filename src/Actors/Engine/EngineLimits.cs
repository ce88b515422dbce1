namespace PcieFabric.Engine;

/// <summary>Bounds of the engine, each with its reason.</summary>
public static class EngineLimits
{
    /// <summary>Credits bound what is on a link to a few hundred TLPs; only alarms and a host's start-up come near a thousand. Beyond this, flow control is broken.</summary>
    public const int MaxMessagesPerChannel = 1 << 16;

    /// <summary>Empty rings of one message that a partition keeps however quiet it is: 16 KiB, so that it is not small fabrics that allocate.</summary>
    public const int SpareMessageSlots = 1 << 8;

    /// <summary>More loops than this cost more in look-ahead windows than they win.</summary>
    public const int MaxPartitions = 256;

    /// <summary>Messages that a lone partition handles between two looks at progress, the journal and cancellation: about 10 ms.</summary>
    public const int MessagesPerTurn = 1 << 18;
}
