using PcieFabric.VfioUser.Interop;

namespace PcieFabric.VfioUser.Devices;

/// <summary>
/// A PCI function that is served to a client. All calls come from the one thread that serves its socket, one at a time; while one is under way the
/// client waits, with its machine's lock held perhaps: never wait in it for an answer of the client's.
/// </summary>
public interface IVfioUserDevice
{
    DeviceDescription Description { get; }

    /// <summary>A client has come. It is asked nothing before this returns.</summary>
    void Attached(IVfioUserClient client);

    /// <summary>It has left, killed perhaps. Its memory and its interrupts are out of reach already, and its DMA has been answered with ENODEV.</summary>
    void Detached(IVfioUserClient client);

    /// <summary>Reads a region. The range lies in it, and it is readable; it has at least one byte and may have any number and alignment.</summary>
    Errno Read(RegionIndex region, ulong offset, Span<byte> into);

    /// <inheritdoc cref="Read"/>
    Errno Write(RegionIndex region, ulong offset, ReadOnlySpan<byte> data);

    /// <summary>As after a function level reset or better (<c>Documentation/driver-api/vfio.rst</c>, VFIO_DEVICE_RESET). Interrupts stay set up.</summary>
    Errno Reset();

    /// <summary>The client has set up vectors, or given them up, or masked them. Triggering while masked is up to the device, which knows what is pending.</summary>
    void InterruptsChanged(InterruptIndex index, InterruptChange change, int start, int count);
}
