namespace PcieFabric.VfioUser.Protocol;

/// <summary>The other side sent what no reply can answer: the connection ends, and nothing else does.</summary>
public sealed class ProtocolException(string message) : Exception(message);
