namespace PcieFabric.Doorbells;

/// <summary>How a host's write becomes a call of the function's software.</summary>
public enum DoorbellKind : byte
{
    /// <summary>The host writes a message of the endpoint's interrupt controller. Address and data never change; doorbells differ by their data.</summary>
    Its,

    /// <summary>The host writes a register of a message store, which sends the message that software has put there. Doorbells differ by their address.</summary>
    Ims,

    /// <summary>The host writes a register of the DMA engine. All doorbells of a function are the same, and all handlers are called.</summary>
    Embedded,

    /// <summary>The host writes memory, which software looks at now and then. Doorbells differ by their address.</summary>
    Polled,
}
