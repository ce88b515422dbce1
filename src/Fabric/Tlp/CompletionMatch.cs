namespace PcieFabric.Tlps;

/// <summary>What a completion is to the requester that receives it (PCIe 6.0 section 2.3.2).</summary>
public enum CompletionMatch : byte
{
    /// <summary>Data of an outstanding request, with more to come.</summary>
    Partial,

    /// <summary>The last, or only, completion of its request; the tag is free.</summary>
    Last,

    /// <summary>The completer refused, as the status says; the tag is free, whatever was still to come.</summary>
    Failed,

    /// <summary>No outstanding request has this requester and tag: an Unexpected Completion, to be dropped and reported.</summary>
    Unexpected,

    /// <summary>Data where none were asked for, none where they were, or locked against not locked. This and what follows: a Malformed TLP, and the request stays outstanding.</summary>
    WrongType,

    /// <summary>Traffic class, Relaxed Ordering or No Snoop are not the request's.</summary>
    WrongAttributes,

    /// <summary>The byte count is not what remains, or the payload is longer.</summary>
    WrongByteCount,

    /// <summary>The lower address is not where the data should go on.</summary>
    WrongLowerAddress,
}
