namespace PcieFabric.Journals;

/// <summary>What a block of a journal holds. The numbers are the file's.</summary>
public enum BlockKind : uint
{
    /// <summary>Who recorded what: the first block.</summary>
    Run = 1,

    /// <summary>The actors' paths, in the order of spawning.</summary>
    Actors = 2,

    /// <summary>Who sends to whom on each channel.</summary>
    Channels = 3,

    /// <summary>What gateways let in from outside, stamped; written as messages are.</summary>
    Inputs = 4,

    /// <summary>Messages in the order of their delivery.</summary>
    Messages = 5,

    /// <summary>Running digests of the actors that received something in an interval.</summary>
    Digests = 6,

    /// <summary>Totals, and where the index is: the last block of a journal that was finished.</summary>
    End = 7,

    /// <summary>The headers of all blocks before it.</summary>
    Index = 8,
}
