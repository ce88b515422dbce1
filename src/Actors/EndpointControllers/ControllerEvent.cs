namespace PcieFabric.EndpointControllers;

/// <summary>The body of <see cref="Engine.MessageKind.ControllerEvent"/>: what happened to a controller, or to one function of it.</summary>
public readonly record struct ControllerEvent(ControllerEventKind Kind);

/// <summary>Linux's framework has the first four; the others are what it has no callback for.</summary>
public enum ControllerEventKind : byte
{
    /// <summary>The controller has started: functions are composed.</summary>
    Started,

    /// <summary>Where the profile tells of the link.</summary>
    LinkUp,

    /// <inheritdoc cref="LinkUp"/>
    LinkDown,

    BusMasterEnabled,
    BusMasterDisabled,

    /// <summary>FLR: registers are as after a reset, DMA under way was given up, what is behind the BARs is kept (PCIe 6.0 section 6.6.2).</summary>
    FunctionLevelReset,

    /// <summary>A hot reset, or the link went down: for every function.</summary>
    HotReset,

    /// <summary>Software put the function into D3hot.</summary>
    D3Entered,

    /// <summary>And back to D0.</summary>
    D0Entered,

    /// <summary>Host software has set VF Enable: the virtual function is there, as after a reset.</summary>
    VirtualFunctionEnabled,

    /// <summary>It is there no more: VF Enable was cleared, by software or by a reset of the physical function.</summary>
    VirtualFunctionDisabled,
}
