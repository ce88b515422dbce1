namespace PcieFabric.ConfigSpaces.Capabilities;

/// <summary>Device/Port Type (PCIe 6.0 section 7.5.3.2).</summary>
public enum PortType : byte
{
    Endpoint = 0,
    LegacyEndpoint = 1,
    RootPort = 4,
    UpstreamSwitchPort = 5,
    DownstreamSwitchPort = 6,
    RootComplexIntegratedEndpoint = 9,
}

/// <summary>What follows from a port's type.</summary>
public static class PortTypes
{
    /// <summary>The port has a link below it: a root port or a downstream switch port.</summary>
    public static bool IsDownstream(this PortType type) => type is PortType.RootPort or PortType.DownstreamSwitchPort;

    public static bool IsBridge(this PortType type) => type is PortType.RootPort or PortType.UpstreamSwitchPort or PortType.DownstreamSwitchPort;

    public static bool HasLink(this PortType type) => type != PortType.RootComplexIntegratedEndpoint;
}
