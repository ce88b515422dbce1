namespace PcieFabric.LocalDevices;

/// <summary>
/// What goes with a request that a local device makes of its controller, in <see cref="Engine.Message.Detail"/>, and back with the answer: the function on whose behalf, the
/// device's own number of who asks, and whose address it is.
/// </summary>
public readonly record struct DeviceRequest(uint Detail)
{
    private const int ChannelBits = 8;
    private const uint LocalBit = 1u << 31;

    /// <param name="channel">0 to 255.</param>
    /// <param name="isLocalAddress">The address is one of an outbound window of the function, otherwise one of the bus.</param>
    public DeviceRequest(int function, int channel, bool isLocalAddress)
        : this((uint)function << ChannelBits | (uint)channel | (isLocalAddress ? LocalBit : 0))
    {
    }

    public int Function => (int)((Detail & ~LocalBit) >> ChannelBits);

    public int Channel => (int)Detail & ((1 << ChannelBits) - 1);

    public bool IsLocalAddress => (Detail & LocalBit) != 0;
}
