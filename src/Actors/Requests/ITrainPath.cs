using PcieFabric.Ports;

namespace PcieFabric.Requests;

/// <summary>A way into the fabric on which trains may depart.</summary>
internal interface ITrainPath
{
    /// <summary>Nobody else has anything to send on it, or awaits anything by it.</summary>
    bool IsAlone => true;

    /// <summary>What the way adds to the tags of the requester.</summary>
    ushort FirstTag => 0;

    /// <param name="sample">A whole request of the train, without payload.</param>
    /// <param name="range">All that it may write.</param>
    /// <returns>Null where the requests may not all take the same way to the same memory.</returns>
    TrainRoute? FindRoute(in Tlp sample, AddressRange range);

    /// <summary>What the requester held back for a train goes by itself, now.</summary>
    void Release(Requester requester) => requester.Issue();

    /// <summary>A train has sent so many requests in place of the requester.</summary>
    void Passed(long requests)
    {
    }
}
