using PcieFabric.Ports;

namespace PcieFabric.Requests;

/// <summary>A way into the fabric on which trains may depart.</summary>
internal interface ITrainPath
{
    /// <param name="sample">A whole request of the train, without payload.</param>
    /// <param name="range">All that it may write.</param>
    /// <returns>Null where the requests may not all take the same way to the same memory.</returns>
    TrainRoute? FindRoute(in Tlp sample, AddressRange range);
}
