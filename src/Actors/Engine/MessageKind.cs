namespace PcieFabric.Engine;

/// <summary>What a <see cref="Message"/> is. Zero is no kind: a message that nobody filled in is a bug.</summary>
public enum MessageKind : ushort
{
    None = 0,

    /// <summary>A TLP, on a link or inside a component; its body is <see cref="Message.Tlp"/>.</summary>
    Tlp = 1,

    /// <summary>Flow-control credits come back, on a link (an UpdateFC DLLP) or inside a component.</summary>
    CreditReturn = 2,

    /// <summary>An actor's own alarm; its body is a <see cref="Timer"/>.</summary>
    Timer = 3,

    /// <summary>A port tells its siblings which addresses and buses lie below it.</summary>
    RouteUpdate = 4,

    /// <summary>An interrupt controller tells a processor that a vector is pending.</summary>
    Interrupt = 5,

    /// <summary>A function's configuration changed, for the actor that models the function.</summary>
    FunctionState = 6,

    /// <summary>A TLP that its sender made itself: no buffer of an incoming link waits for its departure.</summary>
    OwnTlp = 7,

    /// <summary>A hot reset comes down (PCIe 6.0 section 6.6.1); carries nothing.</summary>
    HotReset = 8,

    /// <summary>
    /// A root complex hands a request back to the root port that it came through, which finds the error, logs it and answers:
    /// <see cref="Message.Detail"/> is the <see cref="ConfigSpaces.Capabilities.UncorrectableError"/>.
    /// </summary>
    RefusedTlp = 9,

    /// <summary>A root port tells the root complex what its ACS registers ask for.</summary>
    AccessControl = 16,

    /// <summary>Host software asks its IOMMU for something.</summary>
    IommuCommand = 17,

    /// <summary>An IOMMU's answer to a command.</summary>
    IommuReport = 18,

    /// <summary>One end of a link tells the other that it is there, or is about to go.</summary>
    LinkTraining = 20,

    /// <summary>An endpoint's software asks its controller for an operation.</summary>
    ControllerCall = 21,

    /// <summary>How the operation ended.</summary>
    ControllerReply = 22,

    /// <summary>Something happened to a controller that the software of its functions should know.</summary>
    ControllerEvent = 23,

    /// <summary>A gateway is told from outside whose a function is, or what memory somebody has. Accesses are told as <see cref="OwnTlp"/>.</summary>
    Input = 24,

    /// <summary>No message: in a journal, what a DMA read found in memory outside. <see cref="Message.Detail"/> is zero for the data, or why there is none.</summary>
    MemoryRead = 25,

    /// <summary>No message: in a journal, that a DMA write found no memory outside; its body is the address.</summary>
    MemoryWriteFault = 26,

    /// <summary>A controller could not send a posted request of a local device; its body is the <see cref="LocalDevices.DeviceRequest"/>.</summary>
    DeviceRequestRefused = 28,
}
