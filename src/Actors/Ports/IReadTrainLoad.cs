namespace PcieFabric.Ports;

/// <summary>What a train of reads is for: the rest of one read, and what of it is under way.</summary>
internal interface IReadTrainLoad : ITrainLoad
{
    /// <summary>Requests that can be under way at once.</summary>
    int Tags { get; }

    /// <summary>Those that are, the oldest first, each of the transfer's next bytes.</summary>
    IReadOnlyList<OutstandingRead> Outstanding { get; }

    /// <summary>So many requests were answered, the oldest first, and the others of the train are under way now.</summary>
    /// <param name="begun">Under way and sent by the train, the oldest first. Given their tags.</param>
    /// <param name="oldestBytes">Those that came of the oldest request under way, since the train departed.</param>
    void Settle(int answered, Span<TrainRead> begun, int oldestBytes);
}

/// <summary>A request that waits for completions.</summary>
/// <param name="RemainingBytes">At least one.</param>
internal readonly record struct OutstandingRead(ushort Tag, RequestPart Part, int RemainingBytes);

/// <summary>A request of a train of reads.</summary>
internal struct TrainRead
{
    public RequestPart Part;

    public static readonly TrainTime NotYet = new(long.MaxValue, 0);

    public long SentPs;

    /// <summary>When its last completion came, or <see cref="NotYet"/>.</summary>
    public TrainTime Done;

    public ushort Tag;
}
