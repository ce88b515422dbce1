namespace PcieFabric.LocalDevices;

/// <summary>Where an access to a local device came from, and which of its registers it is for: what <see cref="Engine.Message.Detail"/> carries beside the request and back beside its completion.</summary>
public readonly record struct LocalAccess(uint Detail)
{
    private const int OffsetBits = 18;
    private const int FunctionBits = 12;

    /// <summary>Functions that can be told apart.</summary>
    public const int MaxFunctions = 1 << FunctionBits;

    /// <param name="offset">In the device's slot, of a DW.</param>
    public LocalAccess(LocalSource source, int function, uint offset)
        : this((uint)source << (OffsetBits + FunctionBits) | (uint)function << OffsetBits | offset >> 2)
    {
    }

    public LocalSource Source => (LocalSource)(Detail >> (OffsetBits + FunctionBits));

    /// <summary>The function through whose BAR, or on behalf of which, the access is made. No software can pretend to be another.</summary>
    public int Function => (int)(Detail >> OffsetBits) & (MaxFunctions - 1);

    /// <summary>Of the first DW, in bytes from the start of the device's registers.</summary>
    public uint Offset => (Detail & ((1 << OffsetBits) - 1)) << 2;
}

/// <summary>Who makes an access to a local device.</summary>
public enum LocalSource
{
    /// <summary>The host or a peer, through a BAR.</summary>
    Bar,

    /// <summary>The endpoint's own processor.</summary>
    Processor,

    /// <summary>Another local device, such as a DMA engine.</summary>
    Device,
}
