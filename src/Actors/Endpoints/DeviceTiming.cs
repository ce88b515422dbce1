namespace PcieFabric.Endpoints;

/// <summary>How long a device takes.</summary>
/// <param name="ReadLatency">From a read's arrival to its completion.</param>
/// <param name="FunctionLatency">Between the port and the actors that model functions.</param>
public readonly record struct DeviceTiming(SimTime ReadLatency, SimTime FunctionLatency);
