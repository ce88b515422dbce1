namespace PcieFabric.Ports;

/// <summary>Credits on their way, in the order in which they arrive. What was taken out can be taken back, which is how a train is run again.</summary>
internal sealed class CreditFlow
{
    private Credits[] _credits = new Credits[32];

    public readonly record struct Credits(long TimePs, int Headers, int Data);

    /// <summary>The next to arrive, and the end.</summary>
    public (int Next, int End) Place;

    public bool IsEmpty => Place.Next == Place.End;

    /// <summary>Only when not empty.</summary>
    public ref readonly Credits Next => ref _credits[Place.Next];

    public void Add(long timePs, int headers, int data)
    {
        if (Place.End == _credits.Length) Array.Resize(ref _credits, Place.End * 2);
        _credits[Place.End++] = new Credits(timePs, headers, data);
    }

    public void Take() => Place.Next++;
}
