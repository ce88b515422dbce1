namespace PcieFabric.Ports;

/// <summary>What a train carries: the rest of one write.</summary>
internal interface ITrainLoad
{
    /// <summary>Cuts it; the part in hand is the next to be sent.</summary>
    RequestSplitter Parts { get; }

    /// <summary>All of it, from the first part that was ever sent on.</summary>
    Memory<byte> Bytes { get; }

    /// <summary>A request for a part, without its data.</summary>
    Tlp RequestFor(in RequestPart part);

    /// <summary>So many requests were sent, and the part in hand is the next again.</summary>
    /// <param name="isDisturbed">The train did not get to its end.</param>
    void Continue(in RequestSplitter parts, long sent, bool isDisturbed);
}
