namespace PcieFabric.Actors.Tests.DmaEngines;

/// <summary>What a bus makes of a request of the engine.</summary>
internal enum RigAnswer
{
    Success,
    UnsupportedRequest,
    CompleterAbort,
    Poisoned,
    Silence,

    /// <summary>The controller cannot send it.</summary>
    Refused,
}
