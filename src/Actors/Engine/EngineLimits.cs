namespace PcieFabric.Engine;

/// <summary>Bounds of the engine, each with its reason.</summary>
public static class EngineLimits
{
    /// <summary>Credits bound what is on a link to a few hundred TLPs; only alarms and a host's start-up come near a thousand. Beyond this, flow control is broken.</summary>
    public const int MaxMessagesPerChannel = 1 << 16;

    /// <summary>Empty rings of one message that a partition keeps however quiet it is: 16 KiB, so that it is not small fabrics that allocate.</summary>
    public const int SpareMessageSlots = 1 << 8;

    /// <summary>How far ahead the queue of events looks at once for what is due soon: longer than anything on links and in memory takes, shorter than the timeouts of software.</summary>
    public const long LongestSoonPs = 100_000_000;

    /// <summary>The same where much is: still longer than TLPs take, and shorter than most alarms, which are to stand in line.</summary>
    public const long CrowdedSoonPs = 8_000_000;

    /// <summary>How many alarms that are due soon wait in line: of 128 KiB, of which one end is written and the other read, so that hardly any of it takes room in a cache.</summary>
    public const int MostInLine = 1 << 13;

    /// <summary>Alarms of so many different whiles stand in rows, as functions of few kinds set them. Each that is set looks at the ends of these.</summary>
    public const int RowsOfEvents = 4;

    /// <summary>Alarms in line from which on a partition looks ahead for what they refer to: fewer stay in the caches anyway.</summary>
    public const int ForeseenFrom = 128;

    /// <summary>How much is fetched ahead from an actor on: a function that a model runs, with its software, its channels and what its endpoint owes it. More takes the place of what others need.</summary>
    public const int ForeseenBytes = 1984;

    /// <summary>More loops than this cost more in looking at each other's clocks than they win.</summary>
    public const int MaxPartitions = 256;

    /// <summary>What the channels from one partition to another can hold together without anybody at fault: sixty-four that are full, or all of a turn that is too long.</summary>
    public const int MaxLettersPerOutbox = 1 << 22;

    /// <summary>Messages that one of several partitions handles before it tells the others how far it is: some microseconds, so that they seldom wait, and telling them seldom disturbs it.</summary>
    public const int MessagesPerStep = 128;

    /// <summary>How often a thread looks in vain, when no other works either, before all stop to set their clocks: so often that each of the others has looked meanwhile.</summary>
    public const int IdleRounds = 4;

    /// <summary>The processor's pauses between two looks of who waits: a third of a microsecond, so that looking takes nothing from who works.</summary>
    public const int SpinsPerLook = 10;

    /// <summary>Looks in vain before a waiting thread lets others have the processor: some fifty microseconds, longer than a step of another partition takes.</summary>
    public const int LooksBeforeYield = 128;

    /// <summary>
    /// Messages within a look-ahead, or a turn if that is shorter, from which on it is worth the while of several threads: fewer take less time than telling the others of them. Below, one
    /// thread runs all partitions.
    /// </summary>
    public const int LeastToShare = 16;

    /// <summary>The first turn of several partitions, which grows and shrinks with what is delivered in it.</summary>
    public const long FirstTurnPs = 1_000;

    /// <summary>The longest turn of several partitions. When a quiet fabric of 4,096 functions gets as busy as it can be, a turn of ten microseconds has a million messages.</summary>
    public const long LongestTurnPs = 10_000_000;

    /// <summary>Messages that a lone partition handles between two looks at progress, the journal and cancellation, and what several aim at together: about 10 ms.</summary>
    public const int MessagesPerTurn = 1 << 18;
}
