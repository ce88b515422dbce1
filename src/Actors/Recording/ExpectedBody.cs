using PcieFabric.Engine;

namespace PcieFabric.Recording;

/// <summary>Which bytes of a message say something, and what else is to be compared.</summary>
internal enum ExpectedBody : byte
{
    /// <summary>No TLP: all of them.</summary>
    Bytes,

    /// <summary>A TLP without payload; the four after it have one of one to four DWs, which is part of the TLP.</summary>
    Tlp,

    /// <summary>A TLP whose payload has been compared before: there it was the same.</summary>
    KnownPayload = Tlp + 5,

    /// <summary>A TLP whose payload stands behind it.</summary>
    NewPayload,
}
