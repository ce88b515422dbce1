namespace PcieFabric.Ports;

/// <summary>What a train carries: the rest of one transfer.</summary>
internal interface ITrainLoad
{
    /// <summary>Cuts it; the part in hand is the next to be sent.</summary>
    RequestSplitter Parts { get; }

    /// <summary>All of it, from the first part that was ever sent on.</summary>
    Memory<byte> Bytes { get; }

    /// <summary>A request for a part, without its data.</summary>
    Tlp RequestFor(in RequestPart part);

    /// <summary>So many requests were sent, as far as the parts say.</summary>
    /// <param name="hasPart">The part in hand is still to be sent.</param>
    /// <param name="isDisturbed">The train did not get to its end.</param>
    void Continue(in RequestSplitter parts, bool hasPart, long sent, bool isDisturbed);
}
