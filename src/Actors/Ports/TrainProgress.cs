namespace PcieFabric.Ports;

/// <summary>How far everything of a train is, but for the legs.</summary>
internal struct TrainProgress
{
    public RequestSplitter Parts;

    /// <summary>Of <see cref="Parts"/>, the part in hand is still to be sent.</summary>
    public bool HasPart;

    /// <summary>The transfer before is still to be followed up to where its source went on.</summary>
    public bool IsBeforeSeam;

    /// <summary>Of the <see cref="TrainTail"/>: requests still to be followed, and bytes that got to their end.</summary>
    public long TailLeft, TailBytesAtEnd;

    /// <summary>Of those on the route when the train departed: the next to be followed, and how many got to their end.</summary>
    public int NextBoarded, BoardedAtEnd;

    /// <summary>Requests sent.</summary>
    public long Issued;

    /// <summary>When the last request departed, or the next may.</summary>
    public TrainTime Issue;

    /// <summary>Of the transfer, those that got to their end.</summary>
    public long BytesAtEnd;

    /// <summary>After all that is followed has got to its end, and that has become known.</summary>
    public TrainTime LastAtEnd;

    /// <summary>Reads answered whole, and the bytes that their completer has read.</summary>
    public long Answered;
    public long AnsweredBytes;
}
